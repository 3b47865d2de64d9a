import type { DeviceAnswer, DeviceRequest } from "./device.js";
import type { LaneRequest } from "./effect.js";
import type { Item } from "./item.js";
import type { CapacityObservation, CapacityTable, KindAnswer, LocalStep, Operation, OperationResult, VerifyResult } from "./kind.js";
import type { PassRequest } from "./pass-request.js";
import { isRewriteWanted } from "./plan.js";
import type { ItemIdentity } from "./identity.js";
import type { OperationFailure } from "./outcome.js";

/** One operation under way in a lane. */
export interface Running {
    readonly purpose: "observe" | "capacity" | "verify" | "apply" | "remove";
    /** Null for an observation. */
    readonly item: Item | null;
    readonly table: CapacityTable | null;
    /** Of the item when the operation began: another one supersedes it. */
    readonly generation: number;
    readonly generator: Operation<OperationResult | VerifyResult | CapacityObservation | object | null>;
    /** Answers so far: enough to build the generator again by replaying them. */
    readonly answers: KindAnswer[];
    /** Sequence of the earliest request among those answers; 0: none yet. */
    firstSequence: number;
    /** Requests and local steps taken. */
    steps: number;
    /** It sent something that changes the node. */
    hasWritten: boolean;
    /** A write that waits until the intent that explains it is durable, or a claim that does. */
    held: LaneRequest | LocalStep | null;
}

/** The intent was changed, removed or ended while the operation was under way. */
export function isSuperseded(running: Running): boolean {
    return running.item !== null && running.item.record?.generation !== running.generation;
}

/** Drift is being rewritten that nobody wants to be rewritten any more: the mode changed, or the store took its change back. */
export function isIdleRewrite({ purpose, item }: Running, request: PassRequest): boolean {
    return purpose === "apply" && item!.record?.owes === "nothing" && !isRewriteWanted(item!, request);
}

/** A query's answer, shared by all items that are verified in the same pass. */
interface CachedAnswer {
    readonly sequence: number;
    readonly answer: KindAnswer;
}

/** One pass over one node: what the observer wants to know, capacity, then verification, then what is owed. */
export class Pass {
    stage: "observe" | "capacity" | "verify" | "act" | "over" = "capacity";
    /** What remains of the stage, last first. */
    tables: CapacityTable[] = [];
    queue: Item[] = [];
    running: Running | null = null;
    /** Id of the outstanding request; 0: none. */
    requestId = 0;
    sentAtMs = 0;
    sent: LaneRequest | null = null;
    /** Something was applied or removed: items that waited for it may go on. */
    progressed = false;
    /** Items that could not go on because of something they depend on. */
    waited = false;
    /** Found drifted and to be rewritten in this pass. */
    toRewrite: Set<Item> | null = null;

    applied = 0;
    removed = 0;
    verified = 0;
    drifted = 0;
    failed = 0;
    unread: { item: ItemIdentity; failure: OperationFailure }[] | null = null;

    /** Answers to this pass's queries, and what was asked. */
    #asked: DeviceRequest[] | null = null;
    #cache: CachedAnswer[] = [];
    /** Beyond a few, answers are found by text. */
    #byText: Map<string, CachedAnswer> | null = null;

    constructor(readonly request: PassRequest) {}

    /** Steps that the shell carries out are never remembered: each is a step anew. */
    cached(request: LaneRequest): CachedAnswer | undefined {
        if (!isInteraction(request)) {
            return undefined;
        }
        if (this.#byText !== null) {
            return this.#byText.get(queryText(request));
        }
        const asked = this.#asked;
        for (let i = 0; asked !== null && i < asked.length; i++) {
            if (isSameQuery(asked[i]!, request)) {
                return this.#cache[i];
            }
        }
        return undefined;
    }

    remember(request: LaneRequest, sequence: number, answer: DeviceAnswer): void {
        if (answer.kind === "notSent" || answer.kind === "unknown" || !isInteraction(request)) {
            return;
        }
        const cached = { sequence, answer };
        if (this.#byText !== null) {
            this.#byText.set(queryText(request), cached);
            return;
        }
        const asked = (this.#asked ??= []);
        asked.push(request);
        this.#cache.push(cached);
        if (asked.length > FEW) {
            this.#byText = new Map(asked.map((each, i) => [queryText(each), this.#cache[i]!]));
        }
    }

    /** Something was written: what was read before is history. */
    forget(): void {
        if (this.#asked !== null) {
            this.#asked = null;
            this.#cache = [];
            this.#byText = null;
        }
    }
}

/** Up to this many answers are compared one by one. */
const FEW = 8;

function isSameQuery(a: DeviceRequest, b: DeviceRequest): boolean {
    if (a === b) {
        return true;
    }
    if (a.endpoint !== b.endpoint || a.cluster !== b.cluster) {
        return false;
    }
    if (a.op === "read") {
        return b.op === "read" && a.attribute === b.attribute;
    }
    return a.op === "invoke" && b.op === "invoke" && a.command === b.command && JSON.stringify(a.fields) === JSON.stringify(b.fields);
}

/** Changes nothing on the device. */
export function isQuery(request: LaneRequest): boolean {
    return request.op === "read" || (request.op === "invoke" ? request.query : request.op !== "write");
}

/** A request to the node itself, not a step that the shell carries out. */
export function isInteraction(request: LaneRequest): request is DeviceRequest {
    return request.op === "read" || request.op === "write" || request.op === "invoke";
}

function queryText(request: DeviceRequest): string {
    if (request.op === "read") {
        return `r${request.endpoint}/${request.cluster}/${request.attribute}`;
    }
    return request.op === "invoke"
        ? `i${request.endpoint}/${request.cluster}/${request.command}/${JSON.stringify(request.fields)}`
        : "";
}
