import type { Command, CommandResult } from "../../src/core/command.js";
import { identityText } from "../../src/core/identity.js";
import type { Item } from "../../src/core/item.js";
import type { NotRestored, RunRecord } from "../../src/core/records.js";
import type { StoreBatch } from "../../src/core/store.js";
import { intentText } from "../intent-text.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** What was wanted under an identity, as text; "" for nothing. */
type Wants = Map<string, string>;

/**
 * S5: after a rollback every touched item has its prior value, unless something later and legitimate changed it, which is reported.
 * The oracle remembers what was wanted when the run was admitted, and who else touched the identity meanwhile.
 */
export class RollbackRestores implements Checker {
    readonly name = "S5";
    readonly claim = "after a rollback every touched item has its prior value, or is reported";
    readonly #before = new Map<number, Wants>();
    readonly #touched = new Map<number, Set<string>>();
    /** Identities that somebody else changed while the run was live. */
    readonly #foreign = new Map<number, Set<string>>();
    /** What was wanted just before the latest command that may have started a run. */
    #admitting: Wants | null = null;
    #world!: World;

    begin(world: World): void {
        this.#world = world;
        this.#before.clear();
        this.#touched.clear();
        this.#foreign.clear();
        this.#admitting = null;
    }

    commandSent(_id: number, command: Command): void {
        this.#admitNew();
        this.#admitting = command.type === "run" ? this.#wantsNow() : null;
    }

    replied(_id: number, command: Command, result: CommandResult): void {
        if (command.type === "adopt" && result.ok) {
            const kind = this.#world.manager!.machine.context.kinds.get(command.kind)!;
            this.#markForeign(0, `${command.node}:${identityText(command.kind, kind.keyOf(command.intent as object))}`);
        }
        if (command.type === "change" && result.ok) {
            for (const change of command.changes) {
                const kind = this.#world.manager!.machine.context.kinds.get(change.kind)!;
                const key = change.op === "set" ? kind.keyOf(change.intent as object) : change.key;
                this.#markForeign(0, `${change.node}:${identityText(change.kind, key)}`);
            }
        }
    }

    itemChanged(item: Item): void {
        // Admission and first phase happen within the step that takes the command, before the batch is sent.
        if (item.record === null && item.end !== "done") {
            this.#markForeign(0, `${item.node.nodeId}:${item.text}`);
        }
    }

    batchSent(batch: StoreBatch): void {
        this.#admitNew();
        for (const { table, id, record } of batch.puts) {
            if (table === "run" && record !== null) {
                this.#follow(id, record as RunRecord);
            }
        }
    }

    batchDecided(batch: StoreBatch, durable: boolean): void {
        for (const { table, id, record } of durable ? batch.puts : []) {
            if (table === "run" && record !== null) {
                const { state, notRestored } = record as RunRecord;
                if (state === "failed" || state === "cancelled") {
                    this.#checkRestored(id, notRestored);
                }
            }
        }
    }

    /** A run that was not there before began with the latest command. */
    #admitNew(): void {
        for (const run of this.#world.manager?.tasks.runs.all() ?? []) {
            if (!this.#before.has(run.id)) {
                this.#before.set(run.id, this.#admitting ?? this.#wantsNow());
                this.#touched.set(run.id, new Set());
                this.#foreign.set(run.id, new Set());
            }
        }
    }

    /** A run number that never became durable may be drawn again. */
    restarted(): void {
        for (const run of [...this.#before.keys()]) {
            if (this.#world.manager!.run(run) === undefined) {
                this.#before.delete(run);
                this.#touched.delete(run);
                this.#foreign.delete(run);
            }
        }
        this.#admitting = null;
    }

    #follow(id: number, record: RunRecord): void {
        for (const entry of record.changeSet) {
            const node = this.#world.manager?.machine.nodes.byNumber(entry.node);
            if (node !== undefined) {
                const identity = `${node.nodeId}:${identityText(entry.kind, entry.key)}`;
                this.#touched.get(id)!.add(identity);
                this.#markForeign(id, identity);
            }
        }
    }

    /** Another run, or a caller, has its hand on the identity. */
    #markForeign(by: number, identity: string): void {
        for (const [run, touched] of this.#touched) {
            if (run !== by && (by === 0 || touched.has(identity))) {
                this.#foreign.get(run)!.add(identity);
                if (by !== 0) {
                    this.#foreign.get(by)!.add(identity);
                }
            }
        }
    }

    #checkRestored(run: number, notRestored: readonly NotRestored[]): void {
        const before = this.#before.get(run);
        if (before === undefined) {
            return;
        }
        const now = this.#wantsNow();
        const reported = new Set(notRestored.map(entry => `${entry.node}:${identityText(entry.kind, entry.key)}`));
        for (const identity of this.#touched.get(run)!) {
            const expected = before.get(identity) ?? "";
            const found = now.get(identity) ?? "";
            const foreign = this.#foreign.get(run)!.has(identity) || this.#isWantedSince(run, identity);
            if (found !== expected && !reported.has(identity) && !foreign) {
                this.#world.violate(this.name, `run ${run} rolled back, but ${identity} is ${found || "nothing"} instead of ${expected || "nothing"}, and is not reported`);
            }
        }
    }

    /** Another run took the identity up while this one's last batch was on its way. */
    #isWantedSince(run: number, identity: string): boolean {
        const { tasks, machine } = this.#world.manager!;
        for (const other of tasks.runs.all()) {
            for (const entry of other.id === run ? [] : other.record!.changeSet) {
                const node = machine.nodes.byNumber(entry.node);
                if (node !== undefined && `${node.nodeId}:${identityText(entry.kind, entry.key)}` === identity) {
                    return true;
                }
            }
        }
        return false;
    }

    #wantsNow(): Wants {
        const wants: Wants = new Map();
        for (const item of this.#world.manager?.machine.items.all() ?? []) {
            if (item.record!.owes !== "remove") {
                wants.set(`${item.node.nodeId}:${item.text}`, intentText(item.record!.intent));
            }
        }
        return wants;
    }
}
