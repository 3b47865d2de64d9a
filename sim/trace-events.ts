import type { Effect } from "../src/core/effect.js";
import type { Input } from "../src/core/input.js";
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
            hash.value(effect.request);
            hash.value(effect.cause);
            break;
        case "store":
            hash.int(effect.batch.id);
            for (const { table, id, record } of effect.batch.puts) {
                hash.text(table);
                hash.int(id);
                hash.value(record);
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
