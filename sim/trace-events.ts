import type { Effect, LaneRequest, RequestCause } from "../src/core/effect.js";
import type { Input } from "../src/core/input.js";
import { isInteraction } from "../src/core/pass.js";
import type { ItemRecord } from "../src/core/records.js";
import type { TraceHash } from "./trace-hash.js";

/** Mix an input into the trace: all of it, whatever it carries. */
export function hashInput(hash: TraceHash, input: Input): void {
    hash.text(input.type);
    hash.int(input.monoMs);
    switch (input.type) {
        case "answer":
            hash.int(input.request);
            hash.value(input.answer);
            break;
        case "stored":
            hash.int(input.batch);
            hash.int(input.durable ? 1 : 0);
            break;
        case "command":
            hash.int(input.id);
            hash.value(input.command);
            break;
        case "report":
            hash.big(input.node);
            hash.value(input.path);
            break;
        case "reachable":
        case "unreachable":
        case "softwareChanged":
        case "structureChanged":
            hash.big(input.node);
            break;
        case "start":
        case "wake":
            break;
    }
}

/** Mix an effect into the trace: all of it, records and requests included. */
export function hashEffect(hash: TraceHash, effect: Effect): void {
    hash.text(effect.type);
    switch (effect.type) {
        case "request":
            hash.int(effect.id);
            hash.big(effect.node);
            hashRequest(hash, effect.request);
            hashCause(hash, effect.cause);
            break;
        case "store":
            hash.int(effect.batch.id);
            for (const { table, id, record } of effect.batch.puts) {
                hash.text(table);
                hash.int(id);
                if (table === "item" && record !== null && "type" in record && record.type === "item") {
                    hashItem(hash, record as ItemRecord);
                } else {
                    hash.value(record);
                }
            }
            break;
        case "wake":
            hash.int(effect.atMonoMs ?? -1);
            break;
        case "event":
            hash.value(effect.event);
            break;
        case "reply":
            hash.int(effect.command);
            hash.value(effect.result);
            break;
    }
}

/** Field by field: these are most of what happens, and a walk over their structure costs several times as much. */
function hashRequest(hash: TraceHash, request: LaneRequest): void {
    hash.text(request.op);
    if (!isInteraction(request)) {
        hash.value(request);
        return;
    }
    hash.int(request.endpoint);
    hash.int(request.cluster);
    switch (request.op) {
        case "read":
            hash.int(request.attribute);
            break;
        case "write":
            hash.int(request.attribute);
            hash.value(request.value);
            hash.int(request.dataVersion ?? -1);
            break;
        case "invoke":
            hash.int(request.command);
            hash.value(request.fields);
            hash.int(request.query ? 1 : 0);
            break;
    }
}

function hashCause(hash: TraceHash, cause: RequestCause | null): void {
    if (cause === null) {
        hash.int(0);
        return;
    }
    hash.int(cause.item);
    hash.int(cause.generation);
    hash.text(cause.operation);
}

function hashItem(hash: TraceHash, record: ItemRecord): void {
    hash.int(record.node);
    hash.text(record.kind);
    hash.value(record.key);
    hash.value(record.intent);
    hash.text(record.mode);
    hash.text(record.state);
    hash.text(record.owes);
    hash.int(record.generation);
    hash.int(record.replaced ? 1 : 0);
    hash.int(record.incarnation);
    hash.int(record.changedAtMs);
    hash.value(record.failure);
}
