import type { Command, CommandResult } from "../../src/core/command.js";
import { identityText } from "../../src/core/identity.js";
import type { RunState } from "../../src/core/records.js";
import { isSettled } from "../../src/tasks/run.js";
import { intentText } from "../intent-text.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/**
 * S6: a crash at any instant loses nothing that was acknowledged, and invents nothing. Remembers what was acknowledged, and looks for it in
 * the process that comes after. What became durable after a backup that is put back counts as not acknowledged.
 */
export class AcknowledgedSurvives implements Checker {
    readonly name = "S6";
    readonly claim = "a crash loses nothing that was acknowledged, and invents nothing";
    readonly #runs = new Map<number, RunState>();
    /** Identity to what was acknowledged last ("" for removal); deleted when something unacknowledged or a run may have changed it. */
    readonly #wants = new Map<string, string>();
    readonly #nodes = new Set<bigint>();
    /** Of this process: the command that removed the node last, and the one that was about the identity last. */
    readonly #removals = new Map<bigint, number>();
    readonly #touched = new Map<string, number>();
    /** Every run number and item generation that any process ever drew. */
    #known = new Set<number>();
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#runs.clear();
        this.#wants.clear();
        this.#nodes.clear();
        this.#removals.clear();
        this.#touched.clear();
        this.#known = new Set();
    }

    commandSent(id: number, command: Command): void {
        switch (command.type) {
            case "change":
                if (command.force === true) {
                    this.#wants.clear(); // a run that is forced out turns back
                }
                for (const identity of this.#identities(command)) {
                    this.#touch(identity.text, id);
                }
                return;
            case "run":
            case "cancel":
            case "retryRun":
            case "abandon":
                return this.#wants.clear(); // runs may change what callers set
            case "withdraw":
                return this.#touch(`${command.node}:${identityText(command.kind, command.key)}`, id);
            case "adopt": {
                const checked = this.#world.manager!.machine.fabric.checkForm(command.kind, command.intent);
                return checked.ok ? this.#touch(`${command.node}:${identityText(command.kind, checked.value.key)}`, id) : undefined;
            }
            case "removeNode":
                this.#nodes.delete(command.node);
                this.#removals.set(command.node, id);
                return this.#wants.clear(); // with runs that name the node
            default:
                return;
        }
    }

    /** Until the command is answered either value may be found. */
    #touch(identity: string, id: number): void {
        this.#wants.delete(identity);
        this.#touched.set(identity, id);
    }

    /** What came after the backup was not acknowledged. */
    backupRestored(): void {
        this.#runs.clear();
        this.#wants.clear();
        this.#nodes.clear();
        this.#known.clear();
        for (const table of ["item", "run"] as const) {
            for (const [id, record] of this.#world.store.records(table)) {
                this.#known.add("generation" in record ? (record.generation as number) : id);
            }
        }
    }

    replied(id: number, command: Command, result: CommandResult): void {
        if (!result.ok) {
            return;
        }
        if (result.value.type === "run") {
            this.#runs.set(result.value.run, result.value.state);
        } else if (command.type === "addNode") {
            if (id > (this.#removals.get(command.node) ?? 0)) {
                this.#nodes.add(command.node);
            }
        } else if (command.type === "change" && this.#liveRuns() === 0) {
            for (const { text, wants } of this.#identities(command)) {
                const isLatest = this.#touched.get(text) === id && id > (this.#removals.get(command.changes[0]!.node) ?? 0);
                if (isLatest) {
                    this.#wants.set(text, wants);
                }
            }
        }
    }

    crashed(): void {
        this.#removals.clear();
        this.#touched.clear();
        const { items } = this.#world.manager!.machine;
        for (const item of items.all()) {
            this.#known.add(item.record!.generation);
        }
        for (const run of this.#world.manager!.tasks.runs.all()) {
            this.#known.add(run.id);
            if (run.durable !== null && isSettled(run.durable.state) && this.#runs.has(run.id)) {
                this.#runs.set(run.id, run.durable.state);
            }
        }
        for (const { table, id, record } of this.#world.store.inFlight?.puts ?? []) {
            this.#known.add(table === "item" && record !== null && "generation" in record ? (record.generation as number) : id);
        }
        for (const record of this.#world.store.records("item").values()) {
            if ("generation" in record) {
                this.#known.add(record.generation as number);
            }
        }
    }

    restarted(): void {
        const manager = this.#world.manager!;
        for (const [run, state] of this.#runs) {
            const found = manager.run(run);
            if (found === undefined || (isSettled(state) && found.state !== state)) {
                this.#world.violate(this.name, `run ${run} was acknowledged as ${state}; after the crash it is ${found?.state ?? "unknown"}`);
            }
        }
        for (const node of this.#nodes) {
            if (!manager.nodes().includes(node as never)) {
                this.#world.violate(this.name, `node ${node} was acknowledged and is unknown after the crash`);
            }
        }
        for (const [identity, wants] of this.#wants) {
            const found = this.#found(identity);
            if (found !== wants) {
                this.#world.violate(this.name, `${identity} was acknowledged as ${wants || "removed"}; after the crash it is ${found || "not wanted"}`);
            }
        }
        this.#checkNothingInvented();
    }

    #checkNothingInvented(): void {
        for (const item of this.#world.manager!.machine.items.all()) {
            if (!this.#known.has(item.record!.generation)) {
                this.#world.violate(this.name, `${item.text} has generation ${item.record!.generation}, which nobody drew before the crash`);
            }
        }
    }

    #found(identity: string): string {
        for (const item of this.#world.manager!.machine.items.all()) {
            if (`${item.node.nodeId}:${item.text}` === identity && item.record!.owes !== "remove") {
                return intentText(item.record!.intent);
            }
        }
        return "";
    }

    #identities(command: Extract<Command, { type: "change" }>): { text: string; wants: string }[] {
        return command.changes.map(change => {
            const kind = this.#world.manager!.machine.context.kinds.get(change.kind)!;
            if (change.op === "remove") {
                return { text: `${change.node}:${identityText(change.kind, change.key)}`, wants: "" };
            }
            const intent = kind.validate(change.intent);
            const value = intent.ok ? intent.value : {};
            return { text: `${change.node}:${identityText(change.kind, kind.keyOf(value))}`, wants: intentText(value) };
        });
    }

    #liveRuns(): number {
        let live = 0;
        for (const run of this.#world.manager!.tasks.runs.all()) {
            live += run.isLive || (run.durable !== null && !isSettled(run.durable.state)) ? 1 : 0;
        }
        return live;
    }
}
