import type { Context } from "./context.js";
import { ok, refuse, type Result } from "./error.js";
import { nodeText } from "./identity.js";
import type { NodeId } from "./ids.js";
import { NodeState, type NodeOwner } from "./node-state.js";
import type { NodeRecord } from "./records.js";

/** The nodes of the fabric that are managed here. */
export class Nodes implements NodeOwner {
    readonly #byNodeId = new Map<NodeId, NodeState>();
    readonly #byNumber = new Map<number, NodeState>();
    /** Set by the machine, which owns the lanes too. */
    onDue: (node: NodeState) => void = () => {};
    onTakenBack: (node: NodeState) => void = () => {};
    onLanded: (node: NodeState) => void = () => {};

    constructor(readonly context: Context) {}

    get size(): number {
        return this.#byNodeId.size;
    }

    all(): Iterable<NodeState> {
        return this.#byNodeId.values();
    }

    get(id: NodeId): NodeState | undefined {
        return this.#byNodeId.get(id);
    }

    byNumber(id: number): NodeState | undefined {
        return this.#byNumber.get(id);
    }

    require(id: NodeId): Result<NodeState> {
        const node = this.#byNodeId.get(id);
        return node === undefined
            ? refuse("UNKNOWN_NODE", `node ${nodeText(id)} is not managed here: add it first (addNode)`, { node: nodeText(id) })
            : ok(node);
    }

    load(id: number, record: NodeRecord): NodeState {
        const node = new NodeState(this, id, record.nodeId, record);
        node.durable = record;
        this.#insert(node);
        return node;
    }

    add(nodeId: NodeId): NodeState {
        const { numbers, ledger } = this.context;
        const node = new NodeState(this, numbers.draw(ledger), nodeId, null);
        ledger.write(node, { nodeId, incarnation: numbers.draw(ledger) });
        this.#insert(node);
        return node;
    }

    /** The node was reset: what was committed in the incarnation before says nothing any more. */
    renew(node: NodeState): void {
        const { numbers, ledger } = this.context;
        ledger.write(node, { nodeId: node.nodeId, incarnation: numbers.draw(ledger) });
    }

    remove(node: NodeState): void {
        this.context.ledger.write(node, null);
        this.#delete(node);
    }

    nodeDue(node: NodeState): void {
        this.onDue(node);
    }

    nodeTakenBack(node: NodeState): void {
        if (node.record === null) {
            this.#delete(node);
        } else {
            this.#insert(node);
        }
        this.onTakenBack(node);
    }

    nodeLanded(node: NodeState): void {
        this.onLanded(node);
    }

    #insert(node: NodeState): void {
        this.#byNodeId.set(node.nodeId, node);
        this.#byNumber.set(node.id, node);
    }

    #delete(node: NodeState): void {
        if (this.#byNodeId.get(node.nodeId) === node) {
            this.#byNodeId.delete(node.nodeId);
        }
        this.#byNumber.delete(node.id);
    }
}
