import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/** L3: a node that never returns delays only what needs it; runs that need it are parked, and the explanation names it. */
export class LostNodeDelaysNobody implements Checker {
    readonly name = "L3";
    readonly claim = "a node that never returns delays only what needs it, and is named";
    #world!: World;

    begin(world: World): void {
        this.#world = world;
    }

    ended(): void {
        const { manager, script } = this.#world;
        if (manager === null || script.lostNode < 0) {
            return;
        }
        this.#world.marks.hit("lostNode");
        const lost = `0x${(script.lostNode + 1).toString(16)}`;
        for (const run of manager.tasks.runs.all()) {
            if (!run.isLive || run.record!.state === "stuck") {
                continue;
            }
            const reasons = manager.explain({ run: run.id }) ?? [];
            if (!reasons.some(reason => reason.node === lost)) {
                this.#world.violate(this.name, `run ${run.id} is not settled, and its explanation does not name the lost node: ${reasons.map(reason => reason.text).join("; ")}`);
            } else if (manager.run(run.id)!.state !== "parked") {
                this.#world.violate(this.name, `run ${run.id} needs the lost node but is ${manager.run(run.id)!.state}, not parked`);
            } else {
                this.#world.marks.hit("parkedAtEnd");
            }
        }
    }
}
