import { Bed, UnmetExpectation } from "./bed.js";
import type { ConformanceCase } from "./conformance-case.js";
import type { Evidence } from "./evidence.js";
import { establish, needsOf } from "./fixtures.js";
import { defaultProfile, type Profile } from "./profile.js";
import { capabilities, type Capability, type Target } from "./target.js";

/**
 * `passed`; `failed`: a MUST does not hold; `policy`: where the specification is silent the server does otherwise than the suite's default; `notApplicable`: the target
 * lacks an ability; `error`: the suite or the target broke down, and nothing is known.
 */
export type Verdict = "passed" | "failed" | "policy" | "notApplicable" | "error";

export interface CaseResult {
    readonly case: ConformanceCase;
    readonly verdict: Verdict;
    /** Why it is not `passed`. */
    readonly reason?: string;
    /** It failed before it began: its fixture could not be established. */
    readonly blocked?: boolean;
    /** Choices other than the suite's defaults, of cases that passed too. */
    readonly policies: readonly string[];
    readonly evidence: readonly Evidence[];
    /** Wall time. */
    readonly ms: number;
}

export interface RunOptions {
    readonly profile?: Profile;
    /** Wall time for one case and for all, milliseconds. */
    readonly caseTimeoutMs?: number;
    readonly runTimeoutMs?: number;
    readonly onResult?: (result: CaseResult) => void;
}

const CASE_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 3_600_000;

/** Runs cases against a target, one after the other, each with a fresh session. */
export async function runCases(cases: readonly ConformanceCase[], target: Target, options: RunOptions = {}): Promise<readonly CaseResult[]> {
    const endMs = performance.now() + (options.runTimeoutMs ?? RUN_TIMEOUT_MS);
    const results: CaseResult[] = [];
    for (const each of cases) {
        const leftMs = endMs - performance.now();
        const result =
            leftMs <= 0
                ? { case: each, verdict: "error" as const, reason: "the time for the run was over before", policies: [], evidence: [], ms: 0 }
                : await runCase(each, target, { ...options, caseTimeoutMs: Math.min(options.caseTimeoutMs ?? CASE_TIMEOUT_MS, leftMs) });
        results.push(result);
        options.onResult?.(result);
    }
    return results;
}

/** What the target would have to be able to do as well. */
export function missingFor(each: ConformanceCase, target: Pick<Target, "capabilities">): readonly Capability[] {
    return [...needsOf(each.fixture), ...(each.needs ?? []), ...setupNeeds(each)].filter(capability => !target.capabilities.has(capability));
}

function setupNeeds({ setup }: ConformanceCase): readonly Capability[] {
    return [
        ...(setup?.limits === undefined ? [] : ["smallLimits" as const]),
        ...(setup?.firstListId === undefined ? [] : ["listIdPreset" as const]),
        ...(setup?.requiredCatVersion === undefined ? [] : ["accessRights" as const]),
    ];
}

async function runCase(each: ConformanceCase, target: Target, options: RunOptions): Promise<CaseResult> {
    const startedMs = performance.now();
    const [missing] = missingFor(each, target);
    if (missing !== undefined) {
        const reason = `the target cannot ${capabilities[missing]} (${missing})`;
        return { case: each, verdict: "notApplicable", reason, policies: [], evidence: [], ms: 0 };
    }
    const timer = timeout(options.caseTimeoutMs ?? CASE_TIMEOUT_MS);
    try {
        const outcome = await Promise.race([judged(each, target, options.profile ?? defaultProfile), timer.over]);
        return { case: each, ...outcome, ms: performance.now() - startedMs };
    } finally {
        timer.stop();
    }
}

type Outcome = Omit<CaseResult, "case" | "ms">;

async function judged(each: ConformanceCase, target: Target, profile: Profile): Promise<Outcome> {
    let bed: Bed | undefined;
    let isBegun = false;
    try {
        const session = await target.open({ ...each.setup, formed: each.fixture !== "none" });
        bed = new Bed(target, session, profile);
        try {
            await bed.begin();
            await establish(bed, each.fixture);
            isBegun = true;
            await each.run(bed);
            await bed.checkAlways();
            return outcome("passed", bed);
        } finally {
            await session.close();
        }
    } catch (error) {
        if (!(error instanceof UnmetExpectation)) {
            return outcome("error", bed, error instanceof Error ? (error.stack ?? error.message) : String(error));
        }
        const blocked = !isBegun;
        const reason = blocked ? `its fixture ${each.fixture} cannot be established: ${error.message}` : error.message;
        return { ...outcome(each.level === "MUST" ? "failed" : "policy", bed, reason), ...(blocked ? { blocked } : {}) };
    }
}

function outcome(verdict: Verdict, bed: Bed | undefined, reason?: string): Outcome {
    return { verdict, policies: bed?.policies ?? [], evidence: bed?.evidence.entries ?? [], ...(reason === undefined ? {} : { reason }) };
}

function timeout(ms: number): { readonly over: Promise<Outcome>; stop(): void } {
    let stop = () => {};
    const over = new Promise<Outcome>(resolve => {
        const timer = setTimeout(() => resolve({ verdict: "failed", reason: `no verdict after ${Math.round(ms)} ms`, policies: [], evidence: [] }), ms);
        stop = () => clearTimeout(timer);
    });
    return { over, stop: () => stop() };
}
