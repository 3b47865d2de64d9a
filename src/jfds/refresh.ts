import type { Observer } from "../core/context.js";
import type { NodeId } from "../core/ids.js";
import type { Item } from "../core/item.js";
import type { Operation } from "../core/kind.js";
import type { NodeState } from "../core/node-state.js";
import { Status } from "../core/status.js";
import type { Timed } from "../core/timers.js";
import { managed } from "./draft.js";
import { listedKinds } from "./item-lists.js";
import { isWhole, observeNode, type Observation } from "./observation.js";
import type { Parts } from "./parts.js";
import type { RefreshMerge } from "./refresh-merge.js";
import type { NodeEntryRecord } from "./records.js";

/** Time of the next look at a node that did not tell everything. */
class Again implements Timed {
    dueMs = Infinity;
    heapIndex = -1;
    failures = 0;

    constructor(
        readonly timerOrder: number,
        readonly due: () => void,
    ) {}
}

/**
 * RefreshNode (section 11.24.7.11): what the node holds is read and merged with what is wanted there. The node's entry is Pending until all of that is through; a
 * node that does not answer is read when it does.
 */
export class Refresh implements Observer {
    /** What the merge left to be done, by node. */
    readonly #settling = new Map<NodeId, Set<Item>>();
    readonly #again = new Map<NodeId, Again>();

    constructor(
        private readonly parts: Parts,
        private readonly merge: RefreshMerge,
        /** The node is to be looked at when the step is over. */
        private readonly touch: (nodeId: NodeId) => void,
    ) {}

    begin(entry: NodeEntryRecord): void {
        const { tables, machine } = this.parts;
        this.#cancelTimer(entry.nodeId);
        if (entry.refresh !== "observe") {
            tables.put({ ...entry, state: "pending", failureCode: Status.SUCCESS, changedAtMs: machine.context.wallMs, refresh: "observe" });
        }
        this.#settling.delete(entry.nodeId);
        const node = managed(machine, entry.nodeId);
        node.retryAtMs = 0;
        if (node.pass?.request.observe !== true) {
            this.#ask(entry.nodeId); // else it is being read
        }
    }

    /** After a start, or when the store took something back: go on where the record says. */
    resume(entry: NodeEntryRecord): void {
        const node = this.parts.machine.nodes.get(entry.nodeId);
        if (entry.refresh === "observe") {
            this.#ask(entry.nodeId);
        } else if (entry.refresh === "settle") {
            this.#settling.set(entry.nodeId, new Set(node === undefined ? [] : owedOf(node)));
        }
    }

    forget(nodeId: NodeId): void {
        const { tables } = this.parts;
        this.#cancelTimer(nodeId);
        this.#settling.delete(nodeId);
        tables.everythingOfNode(nodeId).forEach(record => tables.delete(record));
    }

    /**
     * Commit the node's entry when nothing of its refresh is left to be done.
     *
     * @param added what has come to be done as a consequence of it
     */
    review(entry: NodeEntryRecord, added: readonly Item[]): void {
        const { tables, machine } = this.parts;
        const settling = this.#settling.get(entry.nodeId);
        if (entry.refresh !== "settle" || settling === undefined) {
            return;
        }
        added.forEach(item => settling.add(item));
        for (const item of settling) {
            if (item.record === null || item.record.owes === "nothing") {
                settling.delete(item);
            }
        }
        const follows = tables.ofNode(entry.nodeId, "leavingKey").length + tables.ofNode(entry.nodeId, "superseded").length;
        if (settling.size === 0 && follows === 0) {
            this.#settling.delete(entry.nodeId);
            tables.put({ ...entry, state: "committed", failureCode: Status.SUCCESS, changedAtMs: machine.context.wallMs, refresh: "none" });
        }
    }

    observe(): Operation<object> {
        const { tables, settings } = this.parts;
        return observeNode(
            tables.all("keySet").map(({ keySetId }) => keySetId),
            settings.policies.ep0Row === "required",
        );
    }

    observed(node: NodeState, found: object | null): void {
        const { tables, machine } = this.parts;
        const entry = tables.get("node", node.nodeId);
        if (entry?.refresh !== "observe") {
            return;
        }
        const observation = found as Observation | null;
        const hasRoom = observation === null || this.merge.merge(node, observation);
        machine.lanes.want(node);
        if (!hasRoom) {
            tables.put({ ...entry, state: "commitFailed", failureCode: Status.RESOURCE_EXHAUSTED, changedAtMs: machine.context.wallMs, refresh: "none" });
        } else if (observation === null || !isWhole(observation)) {
            this.#askLater(node);
        } else {
            this.#cancelTimer(node.nodeId);
            tables.put({ ...entry, refresh: "settle" });
            this.#settling.set(node.nodeId, new Set(owedOf(node)));
            this.touch(node.nodeId);
        }
    }

    #ask(nodeId: NodeId): void {
        const { machine } = this.parts;
        const node = machine.nodes.get(nodeId);
        if (node !== undefined) {
            node.next.observe = true;
            machine.lanes.want(node);
        }
    }

    #askLater(node: NodeState): void {
        const { context } = this.parts.machine;
        let again = this.#again.get(node.nodeId);
        if (again === undefined) {
            again = new Again(node.id, () => this.#ask(node.nodeId));
            this.#again.set(node.nodeId, again);
        }
        const { itemBackoffMinMs, itemBackoffMaxMs } = context.timing;
        context.timers.set(again, context.monoMs + context.backoff(itemBackoffMinMs, itemBackoffMaxMs, again.failures++));
    }

    #cancelTimer(nodeId: NodeId): void {
        const again = this.#again.get(nodeId);
        if (again !== undefined) {
            this.parts.machine.context.timers.set(again, Infinity);
            this.#again.delete(nodeId);
        }
    }
}

const kinds: ReadonlySet<string> = new Set(listedKinds);

function owedOf(node: NodeState): Item[] {
    return [...node.owed].filter(item => kinds.has(item.kindName));
}
