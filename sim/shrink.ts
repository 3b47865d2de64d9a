import * as fc from "fast-check";
import type { Replay } from "./replay-token.js";
import { simplerScripts } from "./simpler-scripts.js";
import type { Script } from "./script.js";
import type { Violation } from "./world.js";

/** How much work shrinking may be. */
export interface ShrinkOptions {
    /** Runs the script as a whole, and gives what it violates. */
    readonly violationOf: (replay: Replay) => Violation | null;
    /** Scripts tried at most. */
    readonly triesMax?: number;
    /** Stop early, e.g. because people wait. */
    readonly isOver?: () => boolean;
}

/** The simplest failing script that was found. */
export interface Shrunk extends Replay {
    readonly violation: Violation;
    /** Scripts tried. */
    readonly tries: number;
}

const TRIES_MAX = 5_000;

/**
 * Scripts as fast-check draws and shrinks them.
 *
 * @param draw makes a script from a seed
 *
 * @example
 * fc.assert(fc.property(scripts(seed => crowded.draw(seed)), script => world.run(script).violation === null));
 */
export function scripts(draw: (seed: number) => Script): fc.Arbitrary<Script> {
    return new ScriptArbitrary(draw);
}

/**
 * The simplest script that still violates what `script` violates, by the same checker: fast-check looks for it. Without luck it is the script
 * itself.
 */
export function shrink(replay: Replay, violation: Violation, options: ShrinkOptions): Shrunk {
    const { violationOf, triesMax = TRIES_MAX, isOver = () => false } = options;
    let best: Shrunk = { ...replay, violation, tries: 0 };
    let tries = 0;
    const isWorthwhile = () => tries < triesMax && !isOver();
    const arbitrary = new ScriptArbitrary(() => replay.script, isWorthwhile);
    const stillFails = fc.property(arbitrary, script => {
        tries++;
        const found = violationOf({ script, scanThroughout: replay.scanThroughout });
        if (found?.checker !== violation.checker) {
            return true;
        }
        best = { script, scanThroughout: replay.scanThroughout, violation: found, tries };
        return false;
    });
    fc.check(stillFails, { numRuns: 1, seed: 1 });
    return { ...best, tries };
}

class ScriptArbitrary extends fc.Arbitrary<Script> {
    constructor(
        private readonly draw: (seed: number) => Script,
        private readonly isWorthwhile: () => boolean = () => true,
    ) {
        super();
    }

    override generate(random: fc.Random): fc.Value<Script> {
        return new fc.Value(this.draw(random.nextInt(0, 0x7fff_ffff)), undefined);
    }

    override canShrinkWithoutContext(_value: unknown): _value is Script {
        return true;
    }

    override shrink(script: Script): fc.Stream<fc.Value<Script>> {
        return fc.stream(this.#simpler(script));
    }

    *#simpler(script: Script): IterableIterator<fc.Value<Script>> {
        for (const simpler of simplerScripts(script)) {
            if (!this.isWorthwhile()) {
                return;
            }
            yield new fc.Value(simpler, undefined);
        }
    }
}
