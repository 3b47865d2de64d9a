import { Descriptor } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceRequest, DeviceValue } from "../../src/core/device.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import { Status } from "../../src/core/status.js";
import { AuthMode } from "../../sim/devices/access-control-entry.js";
import { Privilege } from "../../sim/devices/privilege.js";
import { SimNode, MANAGER_FABRIC } from "../../sim/devices/sim-node.js";
import type { RequestOptions } from "../../sim/devices/request-options.js";
import { Random } from "../../sim/random.js";
import { ADMINISTRATOR_CAT, catSubject } from "../specification.js";
import type { Fault, MemberSpec, MemberState, OtherChange, Traffic } from "../target.js";
import { equal, matches, type Fields, type Value } from "../values.js";
import { compositionOf } from "./composition-of.js";
import { attributeId, changesNode, clusterId, commandId, operationOf } from "./device-names.js";
import type { VirtualTime } from "./virtual-time.js";
import type { WireRequest } from "./wire-request.js";

const LATENCY_MS = 20;
const NO_SESSION_MS = 5_000;
const DEADLINE_MS = 30_000;
const OTHER_FABRIC = 2;
/** The other administrator; it shares the CAT, as administrators of a joint fabric do. */
const OTHER_ADMINISTRATOR = 0xa000n;

interface ActiveFault extends Fault {
    left: number;
}

/** One member node: a simulated device, the network to it, and a record of what arrived. */
export class Member {
    readonly node: SimNode;
    readonly traffic: Traffic[] = [];
    isReachable = true;
    #faults: ActiveFault[] = [];
    #held: (() => void)[] = [];
    #outstanding = 0;
    #peak = 0;
    readonly #cat: number;

    constructor(
        readonly spec: MemberSpec,
        private readonly time: VirtualTime,
        private readonly server: { readonly nodeId: bigint; readonly catVersion: number },
    ) {
        this.#cat = ((ADMINISTRATOR_CAT << 16) | server.catVersion) >>> 0;
        this.node = new SimNode(compositionOf(spec, server.nodeId), new Random(spec.nodeId));
        this.#commission();
    }

    #commission(): void {
        const subject = catSubject(ADMINISTRATOR_CAT, this.server.catVersion);
        this.node.setAcl(MANAGER_FABRIC, [{ privilege: Privilege.ADMINISTER, authMode: AuthMode.CASE, subjects: [subject], targets: null }]);
        if (this.spec.secondFabric === true) {
            this.node.addFabric(OTHER_FABRIC);
        }
    }

    factoryReset(): void {
        this.node.reset(this.node.composition, new Random(this.spec.nodeId + 1));
        this.#commission();
    }

    /** Requests that go on only when somebody releases them. */
    get heldCount(): number {
        return this.#held.length;
    }

    get outstanding(): number {
        return this.#outstanding;
    }

    /** A request of the server under test; answered once. */
    async request(request: WireRequest): Promise<DeviceAnswer> {
        this.#outstanding++;
        this.#peak = Math.max(this.#peak, this.#outstanding);
        try {
            return await this.#carry(request);
        } finally {
            this.#outstanding--;
        }
    }

    async #carry(request: WireRequest): Promise<DeviceAnswer> {
        const fault = this.#nextFault(request);
        if (!this.isReachable || fault?.effect.type === "noSession") {
            await this.time.sleep(NO_SESSION_MS);
            return { kind: "notSent", reason: "no session" };
        }
        await this.time.sleep(LATENCY_MS + (fault?.effect.type === "delay" ? fault.effect.ms : 0));
        if (fault?.effect.type === "hold") {
            await new Promise<void>(resolve => this.#held.push(resolve));
        }
        const isLost = fault?.effect.type === "lost";
        if (!this.isReachable || (isLost && !fault.effect.executed)) {
            await this.time.sleep(DEADLINE_MS);
            return { kind: "unknown", reason: "no answer" };
        }
        const answer = this.#execute(request, fault);
        await this.time.sleep(isLost || !this.isReachable ? DEADLINE_MS : LATENCY_MS);
        return isLost ? { kind: "unknown", reason: "no answer" } : answer;
    }

    #execute(request: WireRequest, fault: Fault | undefined): DeviceAnswer {
        const options = { fabric: MANAGER_FABRIC, subject: this.server.nodeId, cats: [this.#cat] };
        const { effect } = fault ?? {};
        let answer: DeviceAnswer;
        if (effect?.type === "status") {
            answer = { kind: "status", status: effect.status };
        } else if (effect?.type === "payloadStatus" && request.op === "invoke") {
            answer = { kind: "response", fields: { ...request.fields, status: effect.status } };
        } else if (effect?.type === "breakOff") {
            this.#handle(request, { ...options, chunks: effect.entries + 1 });
            answer = { kind: "status", status: effect.status };
        } else {
            answer = this.#handle(request, options);
        }
        this.#record(request, answer);
        if (effect?.type === "then") {
            this.change(effect.change);
        }
        return answer;
    }

    #record(request: WireRequest, answer: DeviceAnswer): void {
        const operation = operationOf(request);
        const value = request.op === "write" ? request.value : request.op === "invoke" ? request.fields : undefined;
        this.traffic.push({
            ...operation,
            ...(value === undefined ? {} : { value: plain(value) }),
            status: statusOf(answer),
            changes: changesNode(operation),
            atMs: this.time.nowMs,
        });
    }

    addFault(fault: Fault): void {
        this.#faults.push({ ...fault, left: fault.times ?? 1 });
    }

    release(): void {
        this.#faults = [];
        const held = this.#held;
        this.#held = [];
        for (const resume of held) {
            resume();
        }
    }

    #nextFault(request: WireRequest): Fault | undefined {
        const operation = operationOf(request);
        const fault = this.#faults.find(({ match, left }) => left > 0 && matches({ ...operation }, { ...match }));
        if (fault !== undefined) {
            fault.left--;
        }
        return fault;
    }

    /** @returns status */
    change(change: OtherChange): number {
        const fabric = change.otherFabric === true ? OTHER_FABRIC : MANAGER_FABRIC;
        const options = change.otherFabric === true ? { fabric } : { fabric, subject: OTHER_ADMINISTRATOR, cats: [this.#cat] };
        const at = { endpoint: change.endpoint, cluster: clusterId(change.cluster) };
        if (change.op === "invoke") {
            const command = commandId(change.cluster, change.name);
            return statusOf(this.#handle({ op: "invoke", ...at, command, fields: change.value as Record<string, DeviceValue>, query: false }, options));
        }
        const attribute = attributeId(change.cluster, change.name);
        const before = this.#handle({ op: "read", ...at, attribute }, options);
        const present = before.kind === "value" ? (plain(before.value) as readonly Value[]) : [];
        const value = listAfter(present, change.value as readonly Value[], change.mode ?? "replace");
        return statusOf(this.#handle({ op: "write", ...at, attribute, value: value as DeviceValue }, options));
    }

    #handle(request: WireRequest, options: RequestOptions): DeviceAnswer {
        return this.node.handle(request as DeviceRequest, options);
    }

    get state(): MemberState {
        const other = this.spec.secondFabric === true ? { otherFabric: this.#tables(OTHER_FABRIC) as Value } : {};
        return { ...this.#tables(MANAGER_FABRIC), endpoints: this.#parts(), peakOutstanding: this.#peak, ...other };
    }

    #parts(): readonly number[] {
        const answer = this.#handle({ op: "read", endpoint: 0, cluster: Descriptor.id, attribute: Descriptor.attributes.partsList }, { fabric: MANAGER_FABRIC, subject: this.server.nodeId, cats: [this.#cat] });
        return answer.kind === "value" ? (answer.value as readonly number[]) : [];
    }

    #tables(fabric: number): Omit<MemberState, "endpoints" | "peakOutstanding"> & Fields {
        const { node } = this;
        return {
            keySets: node.keySets(fabric).map(({ id, securityPolicy, keys, startTimes }) => ({
                groupKeySetId: id,
                groupKeySecurityPolicy: securityPolicy,
                keys: keys.map(key => key?.reveal() ?? null),
                startTimes: [...startTimes],
            })),
            groupKeyMap: plain([...node.groupKeyMap(fabric)]) as readonly Fields[],
            groupTable: plain(node.groupTable(fabric).map(row => ({ ...row }))) as readonly Fields[],
            acl: plain([...node.acl(fabric)]) as readonly Fields[],
            bindings: this.spec.endpoints.flatMap(({ endpoint }) =>
                node.bindings(fabric, endpoint).map(entry => ({ onEndpoint: endpoint, ...(plain(entry) as Fields) })),
            ),
        };
    }
}

function listAfter(present: readonly Value[], given: readonly Value[], mode: "replace" | "append" | "remove"): readonly Value[] {
    switch (mode) {
        case "replace":
            return given;
        case "append":
            return [...present, ...given];
        case "remove":
            return present.filter(entry => !given.some(each => equal(each, entry)));
    }
}

/** Key material by its bytes: what crosses the border is plain. */
function plain(value: DeviceValue | undefined): Value {
    if (value instanceof KeyMaterial) {
        return value.reveal();
    }
    if (Array.isArray(value)) {
        return value.map((entry: DeviceValue) => plain(entry));
    }
    if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
        return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
    }
    return value;
}

function statusOf(answer: DeviceAnswer): number {
    if (answer.kind === "status") {
        return answer.status;
    }
    const inside = answer.kind === "response" ? answer.fields["status"] : undefined;
    return typeof inside === "number" ? inside : Status.SUCCESS;
}

