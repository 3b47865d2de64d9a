/** Every bound of the shell, in one place. Those of the machine are in `Limits`. */
export const RuntimeLimits = {
    /** Commands that are not answered yet. */
    pendingCommands: 100_000,
    /** Callers of `awaitRun` at one time. */
    awaitedRuns: 100_000,
    /** Callbacks and event iterators at one time. */
    subscribers: 1_000,
    /** Events that an iterator keeps for its reader, unless told otherwise. */
    queuedEvents: 10_000,
    /** Nesting of intents and parameters. */
    dataDepth: 32,
    /** Values within one intent or one task's parameters. */
    dataValues: 100_000,
} as const;
