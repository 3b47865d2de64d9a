import type { DeviceAnswer, DeviceRequest } from "./device.js";
import type { Item } from "./item.js";
import type { CapacityObservation, CapacityTable, KindAnswer, Operation, OperationResult, VerifyResult } from "./kind.js";
import type { PassRequest } from "./pass-request.js";
import type { ItemIdentity } from "./identity.js";
import type { OperationFailure } from "./outcome.js";

/** One operation under way in a lane. */
export interface Running {
    readonly purpose: "capacity" | "verify" | "apply" | "remove";
    /** Null for a capacity observation. */
    readonly item: Item | null;
    readonly table: CapacityTable | null;
    /** Of the item when the operation began: another one supersedes it. */
    readonly generation: number;
    readonly generator: Operation<OperationResult | VerifyResult | CapacityObservation | null>;
    /** Answers so far: enough to build the generator again by replaying them. */
    readonly answers: KindAnswer[];
    /** Sequence of the earliest request among those answers; 0: none yet. */
    firstSequence: number;
    /** Requests made. */
    requests: number;
    /** A write that waits until the intent that explains it is durable. */
    held: DeviceRequest | null;
}

/** A query's answer, shared by all items that are verified in the same pass. */
interface CachedAnswer {
    readonly sequence: number;
    readonly answer: KindAnswer;
}

/** One pass over one node: capacity, then verification, then what is owed. */
export class Pass {
    stage: "capacity" | "verify" | "act" | "over" = "capacity";
    /** What remains of the stage, last first. */
    tables: CapacityTable[] = [];
    queue: Item[] = [];
    running: Running | null = null;
    /** Id of the outstanding request; 0: none. */
    requestId = 0;
    sentAtMs = 0;
    sent: DeviceRequest | null = null;
    /** Something was applied or removed: items that waited for it may go on. */
    progressed = false;
    /** Items that could not go on because of something they depend on. */
    waited = false;
    /** Found drifted and to be rewritten in this pass. */
    readonly toRewrite = new Set<Item>();

    applied = 0;
    removed = 0;
    verified = 0;
    drifted = 0;
    failed = 0;
    readonly unread: { item: ItemIdentity; failure: OperationFailure }[] = [];

    #cache: Map<string, CachedAnswer> | null = null;

    constructor(readonly request: PassRequest) {}

    cached(request: DeviceRequest): CachedAnswer | undefined {
        return this.#cache?.get(queryText(request));
    }

    remember(request: DeviceRequest, sequence: number, answer: DeviceAnswer): void {
        if (answer.kind === "notSent" || answer.kind === "unknown") {
            return;
        }
        this.#cache ??= new Map();
        this.#cache.set(queryText(request), { sequence, answer });
    }

    /** Something was written: what was read before is history. */
    forget(): void {
        this.#cache = null;
    }
}

/** Changes nothing on the device. */
export function isQuery(request: DeviceRequest): boolean {
    return request.op === "read" || (request.op === "invoke" && request.query);
}

function queryText(request: DeviceRequest): string {
    if (request.op === "read") {
        return `r${request.endpoint}/${request.cluster}/${request.attribute}`;
    }
    return request.op === "invoke"
        ? `i${request.endpoint}/${request.cluster}/${request.command}/${JSON.stringify(request.fields)}`
        : "";
}
