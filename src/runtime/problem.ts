/** Something went wrong where no caller waits for an answer. The manager goes on, except after a `machine` problem. */
export interface Problem {
    /**
     * - `subscriber`: an event callback threw, or its promise was rejected.
     * - `transport`: a request was rejected, or answered with something that is no answer; it was taken as unknown.
     * - `issuer`: a certificate was not issued because the issuer failed; it is asked again later.
     * - `store`: a batch was refused; the machine took it back or tries it again.
     * - `machine`: a fault in Selvage or in a kind or task; the manager has stopped.
     */
    readonly source: "subscriber" | "transport" | "issuer" | "store" | "machine";
    /** What happened, without anything that was thrown. */
    readonly message: string;
    /** What was thrown. What a foreign transport or store puts in its errors is not under Selvage's control: look before logging it. */
    readonly error: unknown;
}

/** Is told of every {@link Problem}. */
export type ProblemHandler = (problem: Problem) => void;

/** The default: a warning of the process (`process.on("warning")`), which Node prints unless told otherwise. */
export const warnOfProblem: ProblemHandler = ({ source, message, error }) => {
    process.emitWarning(message, {
        type: "SelvageWarning",
        code: `SELVAGE_${source.toUpperCase()}`,
        // Events hold no secrets, so neither do errors about them; a request or a record might.
        ...(source === "subscriber" && error instanceof Error && error.stack !== undefined ? { detail: error.stack } : {}),
    });
};

/** A handler that cannot do harm, however it behaves. */
export function guarded(handler: ProblemHandler): ProblemHandler {
    return problem => {
        try {
            handler(problem);
        } catch {
            process.emitWarning(`the onError handler threw when told: ${problem.message}`, { type: "SelvageWarning", code: "SELVAGE_ON_ERROR" });
        }
    };
}

/** The name of what was thrown: all of a foreign error that may be shown. */
export function errorName(error: unknown): string {
    return error instanceof Error ? error.name : typeof error;
}
