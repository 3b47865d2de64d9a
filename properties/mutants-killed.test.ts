/**
 * Claim: the checkers see the known bugs of this domain. Each mutant is found, and found first by a checker that its header predicts;
 * each passes the happy schedule, so what finds it is not a smoke test; each checker is the prediction of some mutant.
 * Method: a mutated process runs the schedule that found the mutant last. When a change of the machine or of the generator moved the
 * bug to another seed, it searches from the first one.
 * Known gaps: the IPK has no mutant of its own.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { allCheckers } from "../sim/checkers/index.js";
import { checkoutRoot, listMutants, mutantExecArgv, readMutant } from "./mutant-loader.js";
import type { ScheduleReport } from "./mutant-schedules.js";

/** Where each mutant was found last. */
const found: Readonly<Record<string, readonly [profile: string, seed: number]>> = {
    "absent-list-is-empty": ["lists", 1],
    "acl-target-not-compared": ["lists", 38],
    "cancel-of-settled-run": ["standard", 10],
    "cascade-not-seen": ["devices", 26],
    "claim-after-the-write": ["lists", 1],
    "command-never-answered": ["crowded", 20],
    "confirmed-in-the-old-session": ["certificates", 1],
    "covered-items-forgotten": ["lists", 23],
    "dependency-ignored": ["devices", 14],
    "drift-rewritten-unasked": ["lists", 10],
    "drift-without-budget": ["devices", 1710],
    "fail-safe-not-completed": ["certificates", 1],
    "fail-safe-not-locked": ["certificates", 20],
    "failure-in-payload-ignored": ["crowded", 6],
    "foreign-mapping-not-asked": ["devices", 815],
    "gate-opens-on-cached-state": ["crowded", 22],
    "gone-items-not-told": ["standard", 1],
    "intent-replaced-during-apply": ["crowded", 1588],
    "key-in-the-failure": ["devices", 16],
    "key-set-known-by-its-presence": ["devices", 537],
    "landed-takes-present-for-stored": ["standard", 289],
    "late-request-ignored": ["standard", 552],
    "late-window-polled": ["crowded", 109],
    "lock-out-not-guarded": ["lists", 101],
    "no-back-off": ["standard", 6],
    "own-value-read-back-as-prior": ["crowded", 10],
    "refusal-told-as-done": ["crowded", 85],
    "refused-batch-forming-kept": ["crowded", 28],
    "refused-status-forgotten": ["standard", 4],
    "removal-retried-as-apply": ["devices", 224],
    "reply-before-durable": ["crowded", 6],
    "resurrected-by-late-answer": ["standard", 7],
    "second-pass-while-one-runs": ["standard", 1],
    "shared-entry-removed": ["lists", 9],
    "silence-is-not-absence": ["standard", 6],
    "slot-free-when-decided": ["crowded", 232],
    "slot-not-checked": ["crowded", 4],
    "stale-capacity": ["devices", 278],
    "unanswered-removal-is-done": ["crowded", 3],
    "unconditional-list-write": ["lists", 4],
    "write-before-durable": ["crowded", 10],
};

/** Schedules of a search at most. */
const SEARCH = 3_000;

describe("every mutant", () => {
    const names = listMutants();

    it("has its place in the table, and nothing else has", () => {
        expect(Object.keys(found).sort()).toEqual(names);
    });

    it.each(names)("%s is found by the checker that it predicts, and passes the happy schedule", async name => {
        const [profile, seed] = found[name]!;
        const here = await run(name, profile, seed, 1);
        const report = here.violation === null ? await run(name, profile, 1, SEARCH) : here;
        expect(report.mutated, "no mutated file was loaded").not.toEqual([]);
        expect(report.happy).toBeNull();
        expect(report.happyRuns).toEqual(["completed"]);
        expect(report.violation, `not found within ${SEARCH} schedules of profile ${profile}`).not.toBeNull();
        expect(readMutant(name).killers, report.violation!.message).toContain(report.violation!.checker);
    });
});

describe("every checker", () => {
    it.each(allCheckers().all.map(checker => checker.name))("%s is predicted to find some mutant", name => {
        expect(listMutants().filter(mutant => readMutant(mutant).killers.includes(name))).not.toEqual([]);
    });
});

describe("the program as it is", () => {
    it.each(["standard", "crowded", "devices", "lists", "certificates"])("passes schedules of profile %s that find mutants", async profile => {
        const report = await run(null, profile, 1, 300);
        expect(report.happy).toBeNull();
        expect(report.violation).toBeNull();
        expect(report.mutated).toEqual([]);
    });
});

function run(mutant: string | null, profile: string, from: number, count: number): Promise<ScheduleReport> {
    const script = join(checkoutRoot(), "dist/properties/mutant-schedules.js");
    const mutation = mutant === null ? [] : mutantExecArgv(mutant);
    const child = spawn(process.execPath, [...mutation, script, profile, String(from), String(count)], { stdio: ["ignore", "pipe", "inherit"] });
    return new Promise((resolve, reject) => {
        let text = "";
        child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
        child.on("error", reject);
        child.on("close", code => {
            if (code === 0) {
                resolve(JSON.parse(text) as ScheduleReport);
            } else {
                reject(new Error(`the process of mutant ${mutant ?? "(none)"} ended with code ${code}`));
            }
        });
    });
}
