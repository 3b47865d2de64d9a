import { doneValue, type Change, type CommandResult } from "./command.js";
import type { Context } from "./context.js";
import { ok, refuse, type Result } from "./error.js";
import type { FabricCommands } from "./fabric-commands.js";
import { identityText, nodeText, type ItemKey } from "./identity.js";
import { describeItem, type Item } from "./item.js";
import type { Items } from "./items.js";
import type { Kind } from "./kind.js";
import { Limits } from "./limits.js";
import { badMode, isMode } from "./mode.js";
import type { NodeState } from "./node-state.js";
import type { Nodes } from "./nodes.js";
import type { ItemMode } from "./records.js";
import { repeated } from "./repeated.js";

/** A change that was checked against the present state. */
type Planned =
    | { readonly op: "set"; readonly node: NodeState; readonly kind: Kind; readonly key: ItemKey; readonly intent: object; readonly mode: ItemMode }
    | { readonly op: "remove"; readonly item: Item };

/** Sets and removes intents, all of them or none. */
export class ChangeCommand {
    constructor(
        private readonly context: Context,
        private readonly nodes: Nodes,
        private readonly items: Items,
        private readonly fabric: FabricCommands,
    ) {}

    /** Check all of it, then do all of it. */
    carryOut(changes: readonly Change[], force: boolean): CommandResult {
        if (changes.length > Limits.changesPerCommand) {
            return refuse("INVALID_COMMAND", `at most ${Limits.changesPerCommand} changes fit one command: split it`);
        }
        const planned: Planned[] = [];
        for (const change of changes) {
            const checked = change.op === "set" ? this.#planSet(change) : this.#planRemove(change);
            if (!checked.ok) {
                return checked;
            }
            if (checked.value !== null) {
                planned.push(checked.value);
            }
        }
        const twice = changes.length === 1 ? undefined : repeated(changes.map(change => this.#identityOf(change)));
        if (twice !== undefined) {
            return refuse("INVALID_COMMAND", `the command names ${twice} twice: say once what is to become of it`);
        }
        const conflict = this.#conflict(planned, force);
        if (conflict !== null) {
            return conflict;
        }
        for (const change of planned) {
            this.#perform(change);
        }
        return doneValue;
    }

    #identityOf(change: Change): string {
        const checked = change.op === "set" ? this.fabric.checkForm(change.kind, change.intent) : null;
        const key = change.op === "remove" ? change.key : checked?.ok ? checked.value.key : [];
        return `${identityText(change.kind, key)} on node ${nodeText(change.node)}`;
    }

    #planSet(change: Extract<Change, { op: "set" }>): Result<Planned> {
        const node = this.nodes.require(change.node);
        if (!node.ok) {
            return node;
        }
        const mode = change.mode ?? "converge";
        if (!isMode(mode)) {
            return badMode;
        }
        const checked = this.fabric.checkIntent(change.kind, change.intent);
        return checked.ok ? ok({ op: "set", node: node.value, mode, ...checked.value }) : checked;
    }

    /** Null: there is nothing to remove. */
    #planRemove(change: Extract<Change, { op: "remove" }>): Result<Planned | null> {
        const node = this.nodes.require(change.node);
        if (!node.ok) {
            return node;
        }
        const item = this.items.get(node.value, change.kind, change.key);
        return ok(item === undefined ? null : { op: "remove", item });
    }

    #conflict(planned: readonly Planned[], force: boolean): Result<never> | null {
        const leaving = new Set(planned.flatMap(change => (change.op === "remove" ? [change.item] : [])));
        const set = new Set(planned.flatMap(change => (change.op === "set" ? [this.items.get(change.node, change.kind.name, change.key)] : [])));
        for (const change of planned) {
            const item = change.op === "remove" ? change.item : this.items.get(change.node, change.kind.name, change.key);
            const occupied = item !== undefined && !force ? this.fabric.occupied(item) : null;
            const refused =
                occupied ?? (change.op === "remove" ? this.#referenced(change.item, leaving) : this.#needsLeaving(change, leaving, set));
            if (refused !== null) {
                return refused;
            }
        }
        return null;
    }

    #referenced(item: Item, leaving: ReadonlySet<Item>): Result<never> | null {
        for (const dependent of this.items.referencesTo(item)) {
            if (!leaving.has(dependent)) {
                return refuse("ITEM_REFERENCED", `${describeItem(item)} is needed by ${dependent.text}: remove that first, or in the same command`, {
                    node: nodeText(item.node.nodeId),
                    item: item.text,
                    by: dependent.text,
                });
            }
        }
        for (const extension of this.context.extensions) {
            const run = extension.neededBy(item);
            if (run !== 0) {
                return refuse("ITEM_REFERENCED", `${describeItem(item)} is needed by run ${run}: wait until it is settled, or cancel it`, {
                    node: nodeText(item.node.nodeId),
                    item: item.text,
                    run,
                });
            }
        }
        return null;
    }

    #needsLeaving(
        change: Extract<Planned, { op: "set" }>,
        leaving: ReadonlySet<Item>,
        set: ReadonlySet<Item | undefined>,
    ): Result<never> | null {
        for (const need of change.kind.dependsOn(change.intent)) {
            const needed = change.node.items.get(identityText(need.kind, need.key));
            if (needed !== undefined && !set.has(needed) && (needed.record!.owes === "remove" || leaving.has(needed))) {
                return refuse("DEPENDENCY_LEAVING", `${describeItem(needed)}, which this needs, is being removed: set it again first, or in the same command`, {
                    node: nodeText(change.node.nodeId),
                    item: needed.text,
                });
            }
        }
        return null;
    }

    #perform(change: Planned): void {
        if (change.op === "remove") {
            const { item } = change;
            if (item.record !== null && item.record.state !== "deletePending") {
                this.#forceOut(item);
                this.fabric.removeIntent(item);
            }
            return;
        }
        const { node, kind, key, intent, mode } = change;
        const item = this.items.get(node, kind.name, key);
        if (item !== undefined && !this.fabric.isNews(item, kind, intent)) {
            if (item.record!.mode !== mode) {
                this.items.setMode(item, mode);
                this.fabric.modeChanged(item);
            }
            return;
        }
        if (item !== undefined) {
            this.#forceOut(item);
        }
        this.fabric.setIntent(node, kind, key, intent, mode);
    }

    #forceOut(item: Item): void {
        for (const extension of this.context.extensions) {
            if (extension.occupant(item) !== 0) {
                extension.forcedOut(item);
            }
        }
    }
}
