/** What the process ends with: part of the command line's contract. */
export const ExitCode = {
    OK: 0,
    /** Something does not hold that must. */
    VIOLATION: 1,
    /** The question could not be answered: wrong usage, a damaged file, an error in Selvage itself. */
    UNUSABLE: 2,
    /** Nothing failed that was not known to fail, but something passes that was. */
    UNEXPECTED_PASS: 3,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
