import type { Command, CommandResult } from "../../src/core/command.js";
import { isSettled } from "../../src/tasks/run.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** S11: slots are owned by at most one run, until the batch that settles it is durable. */
export class SlotsAreOwnedOnce implements Checker {
    readonly name = "S11";
    readonly claim = "slots are owned by at most one run";
    #world!: World;

    begin(world: World): void {
        this.#world = world;
    }

    replied(_id: number, command: Command, result: CommandResult): void {
        if (command.type === "run" && result.ok) {
            this.scan();
        }
    }

    restarted(): void {
        this.scan();
    }

    scan(): void {
        if (this.#world.manager === null) {
            return;
        }
        const owners = new Map<string, number>();
        for (const run of this.#world.manager.tasks.runs.all()) {
            const isOver = run.durable !== null && isSettled(run.durable.state);
            for (const slot of isOver ? [] : (run.record?.slots ?? [])) {
                const other = owners.get(slot);
                if (other !== undefined) {
                    this.#world.violate(this.name, `runs ${other} and ${run.id} both own ${slot}`);
                }
                owners.set(slot, run.id);
            }
        }
    }
}
