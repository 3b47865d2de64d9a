import { NodeCapacity } from "./capacity.js";
import type { Context } from "./context.js";
import { nodeText } from "./identity.js";
import type { NodeId } from "./ids.js";
import type { Item } from "./item.js";
import type { NodeLock } from "./node-lock.js";
import type { Pass } from "./pass.js";
import { PassRequest } from "./pass-request.js";
import type { NodeRecord, TombstoneRecord } from "./records.js";
import { Row } from "./row.js";
import type { Timed } from "./timers.js";

/** What a node needs of the parts that own it. */
export interface NodeOwner {
    readonly context: Context;
    nodeTakenBack(node: NodeState): void;
    nodeLanded(node: NodeState): void;
    nodeDue(node: NodeState): void;
}

/** One managed node: its items and its lane. */
export class NodeState extends Row<NodeRecord> implements Timed {
    dueMs = Infinity;
    heapIndex = -1;
    readonly timerOrder: number;

    /** By canonical identity text. */
    readonly items = new Map<string, Item>();
    /** Items that owe something. */
    readonly owed = new Set<Item>();
    /** Items by the identity they depend on. */
    readonly dependents = new Map<string, Item[]>();
    /** Dismissed identities. */
    readonly tombstones = new Map<string, Row<TombstoneRecord>>();
    /** `maintain` items that no attribute report covers. */
    readonly unwatched = new Set<Item>();
    /** Items by the attribute that concerns them; null until a report comes. */
    watchers: Map<string, Set<Item>> | null = null;
    readonly capacity = new NodeCapacity();

    /** As the transport last told; null: not yet. A hint: events can be missing. */
    reachable: boolean | null = null;
    pass: Pass | null = null;
    lock: NodeLock | null = null;
    next = new PassRequest();
    /** Queued for a look at the end of the step. */
    queued = false;
    /** Monotonic time before which no pass is begun by itself. */
    retryAtMs = 0;
    /** Requests unanswered in a row. */
    backoffStep = 0;
    /** When `maintain` items without watch paths are read next. */
    maintainAtMs = Infinity;
    /** Until when a shared write of this kind may still take effect (see `Kind.sharesWrites`), and whose; null: of several items. */
    readonly sharedWrites = new Map<string, { readonly untilMs: number; readonly item: Item | null }>();
    /** Items whose read for a gate failed. */
    readonly reread = new Set<Item>();

    constructor(
        readonly owner: NodeOwner,
        id: number,
        readonly nodeId: NodeId,
        record: NodeRecord | null,
    ) {
        super("node", id, record);
        this.timerOrder = id;
    }

    /** Requests to the node were not answered lately, or it is known to be away. */
    get isOutOfReach(): boolean {
        return this.reachable === false || this.backoffStep > 0;
    }

    override toString(): string {
        return nodeText(this.nodeId);
    }

    due(): void {
        this.owner.nodeDue(this);
    }

    isProgress(): boolean {
        return false;
    }

    takenBack(): void {
        this.owner.nodeTakenBack(this);
    }

    landed(before: NodeRecord | null): void {
        if (before === null && this.durable !== null) {
            this.owner.context.durableEvent({ type: "nodeAdded", node: this.nodeId });
            this.owner.nodeLanded(this);
        } else if (before !== null && this.durable === null) {
            this.owner.context.durableEvent({ type: "nodeRemoved", node: this.nodeId });
        }
    }
}
