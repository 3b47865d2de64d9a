import { ChangeCommand } from "./change-command.js";
import { doneValue, type CommandResult, type FabricCommand } from "./command.js";
import type { Context } from "./context.js";
import { guarded, ok, refuse, type Result } from "./error.js";
import { identityText, nodeText, type ItemIdentity, type ItemKey } from "./identity.js";
import type { NodeId } from "./ids.js";
import { describeItem, type Item } from "./item.js";
import type { Items } from "./items.js";
import type { Administrator, Kind } from "./kind.js";
import type { KeySets } from "./key-sets.js";
import type { Lanes } from "./lanes.js";
import type { NodeState } from "./node-state.js";
import type { Nodes } from "./nodes.js";
import { badMode, isMode } from "./mode.js";
import type { ItemMode } from "./records.js";

/** Commands on nodes, items and key sets: checked wholly before anything is changed. */
export class FabricCommands {
    readonly #changes: ChangeCommand;

    constructor(
        private readonly context: Context,
        private readonly nodes: Nodes,
        private readonly items: Items,
        private readonly keySets: KeySets,
        private readonly lanes: Lanes,
    ) {
        this.#changes = new ChangeCommand(context, nodes, items, this);
    }

    /** Returns the reply's value; null: the reply comes with the pass that was asked for. */
    handle(command: FabricCommand, id: number): CommandResult | null {
        switch (command.type) {
            case "addNode":
                return this.#addNode(command.node);
            case "removeNode":
                return this.#onNode(command.node, node => this.removeNode(node));
            case "renewNode":
                return this.#onNode(command.node, node => this.#renewNode(node));
            case "change":
                return this.#changes.carryOut(command.changes, command.force === true);
            case "adopt":
                return this.#adopt(command.node, command.kind, command.intent, command.mode ?? "converge");
            case "withdraw":
                return this.#withdraw(command.node, command.kind, command.key);
            case "leftoverGone":
                return this.#onNode(command.node, node => this.items.forgetTombstone(node, command.kind, command.key));
            case "putKeySet":
                return this.#putKeySet(command);
            case "reconcile":
                return this.#reconcile(command, id);
            case "retry":
                return this.#retry(command.node, command.kind, command.key, id);
            case "registerKind":
                return this.#registerKind(command.kind);
            case "setAdministrator":
                return this.#setAdministrator(command.administrator);
        }
    }

    removeNode(node: NodeState): void {
        this.lanes.drop(node);
        for (const item of [...node.items.values()]) {
            this.items.end(item, "nodeGone");
        }
        for (const tombstone of node.tombstones.values()) {
            this.context.ledger.write(tombstone, null);
        }
        node.tombstones.clear();
        this.nodes.remove(node);
        for (const extension of this.context.extensions) {
            extension.nodeRemoved(node);
        }
    }

    /** Check an intent against kind and key sets. */
    checkIntent(kindName: string, intent: unknown): Result<{ kind: Kind; intent: object; key: ItemKey }> {
        const checked = this.checkForm(kindName, intent);
        const named = checked.ok ? checked.value.kind.keySetOf?.(checked.value.intent) : undefined;
        if (named !== undefined && this.keySets.revision(named.keySetId, named.revision) === undefined) {
            return refuse(
                "UNKNOWN_KEY_SET",
                `key set ${named.keySetId} has no revision ${named.revision}: put the key set first (putKeySet)`,
                { keySetId: named.keySetId, revision: named.revision },
            );
        }
        return checked;
    }

    /** Check an intent against its kind alone. */
    checkForm(kindName: string, intent: unknown): Result<{ kind: Kind; intent: object; key: ItemKey }> {
        const kind = this.context.kinds.get(kindName);
        if (kind === undefined) {
            const known = [...this.context.kinds.keys()].join(", ");
            return refuse("UNKNOWN_KIND", `kind "${kindName}" is not registered: known kinds are ${known}`, { kind: kindName });
        }
        const checked = guarded(`kind "${kindName}"`, () => {
            const valid = kind.validate(intent);
            return valid.ok ? usable(kind, valid.value) : valid;
        });
        return checked.ok ? checked.value : checked;
    }

    #addNode(id: NodeId): CommandResult {
        if (this.nodes.get(id) === undefined) {
            const node = this.nodes.add(id);
            node.next.capacity = true;
            this.lanes.want(node);
        }
        return doneValue;
    }

    #renewNode(node: NodeState): void {
        this.nodes.renew(node);
        this.items.dropClaims(node);
        for (const item of node.items.values()) {
            item.confirmedSequence = 0;
            this.lanes.outcomes.revive(item);
            this.context.itemChanged(item);
        }
        node.next.capacity = true;
        node.next.verifyAll = true;
        this.lanes.want(node);
    }

    /** The refusal of a change of an item in a live run's change set; null: there is none. */
    occupied(item: Item): Result<never> | null {
        for (const extension of this.context.extensions) {
            const run = extension.occupant(item);
            if (run !== 0) {
                return refuse(
                    "ITEM_OCCUPIED",
                    `${describeItem(item)} belongs to the change set of run ${run}: wait for it, cancel it, or force the change (which rolls the run back)`,
                    { node: nodeText(item.node.nodeId), item: item.text, run },
                );
            }
        }
        return null;
    }

    /** Setting this intent changes something: an equal one on a pending or committed item does not. */
    isNews(item: Item, kind: Kind, intent: object): boolean {
        const record = item.record!;
        return !((record.state === "pending" || record.state === "committed") && kind.equal(record.intent, intent));
    }

    setIntent(node: NodeState, kind: Kind, key: ItemKey, intent: object, mode: ItemMode): Item {
        const item = this.items.setIntent(node, kind, key, intent, mode);
        this.lanes.want(node);
        return item;
    }

    /** The node is looked at more often, or less; drift that was only recorded is to be rewritten now. */
    modeChanged(item: Item): void {
        if (item.drifted) {
            item.node.next.addVerify(item);
            this.lanes.want(item.node);
        } else {
            this.lanes.requeue(item.node);
        }
    }

    removeIntent(item: Item): void {
        this.items.removeIntent(item);
        this.lanes.want(item.node);
    }

    /** What the intent depends on and is being removed; undefined: nothing. */
    leavingNeed(node: NodeState, kind: Kind, intent: object): Item | undefined {
        return kind
            .dependsOn(intent)
            .map(need => node.items.get(identityText(need.kind, need.key)))
            .find(needed => needed?.record!.owes === "remove");
    }

    #adopt(nodeId: NodeId, kindName: string, intent: unknown, mode: ItemMode): CommandResult {
        if (!isMode(mode)) {
            return badMode;
        }
        const node = this.nodes.require(nodeId);
        const checked = this.checkIntent(kindName, intent);
        if (!node.ok || !checked.ok) {
            return node.ok ? (checked as CommandResult) : node;
        }
        const { kind, key } = checked.value;
        const text = identityText(kind.name, key);
        const item = node.value.items.get(text);
        if (item !== undefined) {
            const same = item.record!.state === "committed" && kind.equal(item.record!.intent, checked.value.intent);
            return same
                ? doneValue
                : refuse("ITEM_EXISTS", `${describeItem(item)} is managed already: change its intent instead of adopting`, { item: text });
        }
        const leaving = this.leavingNeed(node.value, kind, checked.value.intent);
        if (leaving !== undefined) {
            return refuse("DEPENDENCY_LEAVING", `${describeItem(leaving)}, which this needs, is being removed: adopt it when that is over, or set an intent`, {
                node: nodeText(nodeId),
                item: leaving.text,
            });
        }
        if (node.value.tombstones.has(text)) {
            return refuse("TOMBSTONED", `${text} on node ${nodeText(nodeId)} was withdrawn: set an intent if it is wanted again`, { item: text });
        }
        this.items.adopt(node.value, kind, key, checked.value.intent, mode);
        return doneValue;
    }

    #withdraw(nodeId: NodeId, kind: string, key: ItemKey): CommandResult {
        const item = this.requireItem(nodeId, kind, key);
        if (!item.ok) {
            return item;
        }
        const occupied = this.occupied(item.value);
        if (occupied !== null) {
            return occupied;
        }
        this.items.end(item.value, "withdrawn", { leaves: "mark" });
        this.lanes.requeue(item.value.node);
        return doneValue;
    }

    #putKeySet(command: Extract<FabricCommand, { type: "putKeySet" }>): CommandResult {
        const keySetId = command.keySetId as never;
        const revision = this.keySets.put({ keySetId, policy: command.policy ?? 0, slots: command.slots });
        return revision.ok ? ok({ type: "keySet", keySetId, revision: revision.value }) : revision;
    }

    #reconcile(command: Extract<FabricCommand, { type: "reconcile" }>, id: number): CommandResult | null {
        const node = this.nodes.require(command.node);
        if (!node.ok) {
            return node;
        }
        const verify = this.#scope(node.value, command.verify);
        const rewrite = this.#scope(node.value, command.rewrite);
        if (!verify.ok || !rewrite.ok) {
            return verify.ok ? (rewrite as CommandResult) : (verify);
        }
        const { next } = node.value;
        next.capacity ||= command.capacity === true;
        next.verifyAll ||= command.verify === "all";
        next.rewriteAll ||= command.rewrite === "all";
        for (const item of verify.value) {
            next.addVerify(item);
        }
        for (const item of rewrite.value) {
            next.addRewrite(item);
        }
        next.commands.push(id);
        this.lanes.want(node.value);
        return null;
    }

    #scope(node: NodeState, scope: "all" | readonly ItemIdentity[] | undefined): Result<Item[]> {
        const items: Item[] = [];
        for (const identity of scope === "all" ? [] : (scope ?? [])) {
            const item = this.requireItem(node.nodeId, identity.kind, identity.key);
            if (!item.ok) {
                return item;
            }
            items.push(item.value);
        }
        return ok(items);
    }

    #retry(nodeId: NodeId, kind: string, key: ItemKey, id: number): CommandResult | null {
        const found = this.requireItem(nodeId, kind, key);
        if (!found.ok) {
            return found;
        }
        const item = found.value;
        const { node } = item;
        this.tryAgain(item);
        node.next.addVerify(item);
        node.next.addRewrite(item);
        node.next.commands.push(id);
        this.lanes.want(node);
        return null;
    }

    /** Forget the item's failure and release its hold. */
    tryAgain(item: Item): void {
        const record = item.record!;
        if (record.failure !== null) {
            item.eligibleAtMs = 0;
            const state = record.owes === "remove" ? "deletePending" : "pending";
            this.items.write(item, { ...record, state, failure: null, changedAtMs: this.context.wallMs });
        }
        this.lanes.outcomes.releaseHold(item);
        this.lanes.want(item.node);
    }

    /** What was refused before it was sent may have been refused because of the subject. */
    #setAdministrator({ nodeId, caseAuthenticatedTags }: Administrator): CommandResult {
        this.context.administrator = { nodeId, caseAuthenticatedTags };
        for (const node of this.nodes.all()) {
            for (const item of node.owed) {
                if (item.record!.failure?.class === "terminal" && item.record!.failure.code === undefined) {
                    this.lanes.outcomes.revive(item);
                    this.lanes.want(node);
                }
            }
        }
        return doneValue;
    }

    #registerKind(kind: Kind): CommandResult {
        if (this.context.kinds.has(kind.name)) {
            return refuse("ALREADY_REGISTERED", `a kind named "${kind.name}" is registered already: choose another name`, { kind: kind.name });
        }
        this.context.kinds.set(kind.name, kind);
        this.items.define(kind, intent => this.checkForm(kind.name, intent));
        for (const node of this.nodes.all()) {
            for (const item of node.owed) {
                if (item.kindName === kind.name) {
                    item.eligibleAtMs = 0;
                }
            }
            this.lanes.want(node);
        }
        for (const extension of this.context.extensions) {
            extension.kindRegistered();
        }
        return doneValue;
    }

    requireItem(nodeId: NodeId, kind: string, key: ItemKey): Result<Item> {
        const node = this.nodes.require(nodeId);
        if (!node.ok) {
            return node;
        }
        const item = this.items.get(node.value, kind, key);
        return item === undefined
            ? refuse("UNKNOWN_ITEM", `node ${nodeText(nodeId)} has no item ${identityText(kind, key)}: list its items to see what it has`, {
                  node: nodeText(nodeId),
                  item: identityText(kind, key),
              })
            : ok(item);
    }

    #onNode(id: NodeId, act: (node: NodeState) => void): CommandResult {
        const node = this.nodes.require(id);
        if (!node.ok) {
            return node;
        }
        act(node.value);
        return doneValue;
    }
}

/** Asks a kind once for everything that is asked of an intent later, where a throw would come too late. */
function usable(kind: Kind, intent: object): Result<{ kind: Kind; intent: object; key: ItemKey }> {
    const key = kind.keyOf(intent);
    const text = identityText(kind.name, key);
    kind.equal(intent, intent);
    kind.keySetOf?.(intent);
    kind.watch(intent);
    kind.capacity?.rowOf(intent);
    if (kind.dependsOn(intent).some(need => identityText(need.kind, need.key) === text)) {
        return refuse("INVALID_INTENT", `${kind.name}: the intent depends on itself`, { kind: kind.name });
    }
    return ok({ kind, intent, key });
}
