import { BasicInformation, Descriptor, GeneralCommissioning, GroupKeyManagement, Groups, OperationalCredentials } from "../src/core/clusters.js";
import type { DeviceAnswer } from "../src/core/device.js";
import type { Effect, LaneRequest } from "../src/core/effect.js";
import type { Input } from "../src/core/input.js";
import { isInteraction } from "../src/core/pass.js";
import { statusName } from "../src/core/status.js";
import type { Incident, OtherDeed } from "./script.js";

const CLUSTERS = Object.entries({ Descriptor, BasicInformation, Groups, GroupKeyManagement, GeneralCommissioning, OperationalCredentials });

/** An input, apart from its times, as one line for people. */
export function inputText(input: Input): string {
    const { monoMs: _mono, wallMs: _wall, type, ...rest } = input;
    switch (input.type) {
        case "answer":
            return `answer to request ${input.request}: ${answerText(input.answer)}`;
        case "stored":
            return `batch ${input.batch} is ${input.durable ? "durable" : "refused"}`;
        case "command": {
            const { type: name, ...fields } = input.command;
            return `command ${input.id}: ${name} ${fieldsText(fields)}`;
        }
        default:
            return `${type} ${fieldsText(rest)}`.trim();
    }
}

/** An effect as one line for people. */
export function effectText(effect: Effect): string {
    switch (effect.type) {
        case "request": {
            const { cause } = effect;
            const why = cause === null ? "" : `, to ${cause.operation} item ${cause.item} (generation ${cause.generation})`;
            return `request ${effect.id}: ${requestText(effect.request)}${why}`;
        }
        case "store":
            return `store batch ${effect.batch.id}: ${effect.batch.puts.map(({ table, id, record }) => `${table} ${id} ${fieldsText(record)}`).join("; ")}`;
        case "wake":
            return effect.atMonoMs === null ? "no wake" : `wake at ${effect.atMonoMs}`;
        case "event": {
            const { type, ...fields } = effect.event;
            return `event ${type} ${fieldsText(fields)}`;
        }
        case "reply": {
            const { result } = effect;
            return `reply to command ${effect.command}: ${result.ok ? fieldsText(result.value) : `${result.error.code}: ${result.error.message}`}`;
        }
    }
}

/** What happens without the manager. */
const INCIDENTS: Readonly<Record<Incident["type"], string>> = {
    flap: "the subscription breaks",
    reboot: "restarts",
    powerCut: "loses power, and what it stored last",
    factoryReset: "is reset, and leaves the fabric",
    softwareUpdate: "gets new software",
    endpointGone: "an endpoint goes away",
    otherFailSafe: "an administrator of another fabric arms the fail-safe",
    otherMap: "another administrator maps a group",
    otherUnmap: "another administrator unmaps a group",
    otherKey: "another administrator writes a key set",
    otherUnkey: "another administrator removes a key set",
    otherJoin: "another administrator adds a group",
    otherLeave: "another administrator removes a group",
    otherGrant: "another administrator adds to the access control list",
    otherRevoke: "another administrator takes from the access control list",
    otherBind: "another administrator adds a binding",
    otherUnbind: "another administrator removes a binding",
    clockJump: "the wall clock is set",
};

/** An incident as one line for people. */
export function incidentText({ type, ...fields }: Incident | OtherDeed): string {
    const { atMs: _at, node: _node, ...rest } = fields as Readonly<Record<string, unknown>>;
    return `${INCIDENTS[type]} ${fieldsText(rest)}`.trim();
}

/** An answer as people say it. */
export function answerText(answer: DeviceAnswer): string {
    switch (answer.kind) {
        case "value":
            return `${valueText(answer.value)} (data version ${answer.dataVersion})`;
        case "status":
            return statusName(answer.status) + (answer.clusterStatus === undefined ? "" : `, cluster status ${answer.clusterStatus}`);
        case "response":
            return fieldsText(answer.fields);
        case "notSent":
            return `not sent: ${answer.reason}`;
        case "unknown":
            return `unknown: ${answer.reason}`;
    }
}

function requestText(request: LaneRequest): string {
    if (!isInteraction(request)) {
        const { op, ...fields } = request;
        return `${op} ${fieldsText(fields)}`.trim();
    }
    const cluster = CLUSTERS.find(([, { id }]) => id === request.cluster);
    const place = `${request.endpoint}/${cluster?.[0] ?? hex(request.cluster)}`;
    switch (request.op) {
        case "read":
            return `read ${place}.${nameOf(cluster?.[1].attributes, request.attribute)}`;
        case "write": {
            const condition = request.dataVersion === undefined ? "" : ` if data version ${request.dataVersion}`;
            return `write ${place}.${nameOf(cluster?.[1].attributes, request.attribute)} = ${valueText(request.value)}${condition}`;
        }
        case "invoke": {
            const commands = cluster !== undefined && "commands" in cluster[1] ? cluster[1].commands : undefined;
            return `invoke ${place}.${nameOf(commands, request.command)} ${fieldsText(request.fields)}`;
        }
    }
}

function nameOf(names: Readonly<Record<string, number>> | undefined, id: number): string {
    return Object.entries(names ?? {}).find(([, each]) => each === id)?.[0] ?? hex(id);
}

function fieldsText(fields: object | null): string {
    if (fields === null) {
        return "gone";
    }
    return Object.entries(fields)
        .map(([name, value]) => `${name}=${valueText(value)}`)
        .join(" ");
}

/** Compact and complete; bigints as decimal, names bare, key bytes never. */
function valueText(value: unknown): string {
    const text = JSON.stringify(value, (_name, field: unknown) => {
        if (typeof field === "bigint") {
            return Number(field);
        }
        return field instanceof Uint8Array ? `${field.length} bytes` : field;
    });
    return text === undefined ? "-" : text.replaceAll(/"(\w+)":/g, "$1:");
}

function hex(id: number): string {
    return `0x${id.toString(16)}`;
}
