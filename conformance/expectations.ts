import type { CaseResult } from "./runner.js";

/** A failure that is known: why, and where it is followed up. */
export interface Expectation {
    /** `JFDS-RKS-02` or `JFDS/11.24.7.3/2`. */
    readonly case: string;
    readonly reason: string;
    readonly link?: string;
}

/** A verdict that was not expected. */
export interface Surprise {
    readonly kind: "failure" | "pass";
    readonly result: CaseResult;
}

/** The file of expectations is not one. */
export class ExpectationsError extends Error {
    override readonly name = "ExpectationsError";
    readonly code = "BAD_EXPECTATIONS";
}

/**
 * Reads a file of expectations: `{"knownFailures": [{"case": "JFDS-RKS-02", "reason": "...", "link": "https://..."}]}`.
 *
 * @throws ExpectationsError
 */
export function parseExpectations(text: string): readonly Expectation[] {
    const known = listIn(text);
    return known.map((entry, at) => {
        const { case: name, reason, link } = entry as Partial<Record<keyof Expectation, unknown>>;
        if (typeof name !== "string" || typeof reason !== "string" || reason === "" || !["string", "undefined"].includes(typeof link)) {
            throw new ExpectationsError(`Entry ${at + 1} of knownFailures needs "case" and "reason", and may have "link", each a string.`);
        }
        return { case: name, reason, ...(typeof link === "string" ? { link } : {}) };
    });
}

function listIn(text: string): readonly object[] {
    let parsed: unknown;
    try {
        parsed = JSON.parse(text);
    } catch (error) {
        throw new ExpectationsError(`The file of expectations is no JSON: ${String(error)}`);
    }
    const known = (parsed as { readonly knownFailures?: unknown } | null)?.knownFailures;
    if (!Array.isArray(known) || !known.every(entry => typeof entry === "object" && entry !== null)) {
        throw new ExpectationsError('The file of expectations needs a list "knownFailures" of objects.');
    }
    return known as readonly object[];
}

/** What was expected of a case; undefined: that it passes. */
export function expectationOf({ case: each }: CaseResult, expectations: readonly Expectation[]): Expectation | undefined {
    return expectations.find(expectation => expectation.case === each.id || expectation.case === each.alias);
}

/** Failures that are not known, and passes of cases that are known to fail. */
export function surprisesOf(results: readonly CaseResult[], expectations: readonly Expectation[]): readonly Surprise[] {
    return results.flatMap((result): Surprise[] => {
        const isKnown = expectationOf(result, expectations) !== undefined;
        if (result.verdict === "failed" && !isKnown) {
            return [{ kind: "failure", result }];
        }
        return result.verdict === "passed" && isKnown ? [{ kind: "pass", result }] : [];
    });
}
