/** Every bound and default delay of the machine, in one place. Times are milliseconds. */

/** What a caller may set; see {@link defaultTiming}. */
export interface Timing {
    /** After start, scheduled passes wait this long for nodes that have not told that they are reachable. */
    readonly settleMs: number;
    /** Nodes with something owed are tried at least this often. */
    readonly sweepMs: number;
    /** `maintain` items without watch paths are verified this often. */
    readonly maintainMs: number;
    /** What a transport is given for one request. */
    readonly requestDeadlineMs: number;
    /** What a transport is given for one step under a fail-safe (see `Kind.locksNodeMs`). */
    readonly failSafeDeadlineMs: number;
    /** Silence of a lane for this long is an unknown outcome, whatever the transport does. */
    readonly watchdogMs: number;
    /**
     * How long after it was declared unknown (or after a crash) a request may still take effect: retransmissions on the way,
     * a device that was busy.
     */
    readonly lateEffectMs: number;
    /** Lane back-off after an unanswered request: doubles from the first to the second. */
    readonly laneBackoffMinMs: number;
    readonly laneBackoffMaxMs: number;
    /** Item back-off after a transient failure: doubles from the first to the second. */
    readonly itemBackoffMinMs: number;
    readonly itemBackoffMaxMs: number;
    /** Back-off after the store refused a batch. */
    readonly storeBackoffMinMs: number;
    readonly storeBackoffMaxMs: number;
    /** A `maintain` item is rewritten at most `driftBudget` times per `driftWindowMs`, then held. */
    readonly driftBudget: number;
    readonly driftWindowMs: number;
}

/** The values of {@link Timing} unless a caller sets others. */
export const defaultTiming: Timing = {
    settleMs: 5_000,
    sweepMs: 5 * 60_000,
    maintainMs: 60 * 60_000,
    requestDeadlineMs: 30_000,
    failSafeDeadlineMs: 60_000,
    watchdogMs: 120_000,
    lateEffectMs: 30_000,
    laneBackoffMinMs: 1_000,
    laneBackoffMaxMs: 5 * 60_000,
    itemBackoffMinMs: 1_000,
    itemBackoffMaxMs: 15 * 60_000,
    storeBackoffMinMs: 500,
    storeBackoffMaxMs: 60_000,
    driftBudget: 3,
    driftWindowMs: 10 * 60_000,
};

/** Bounds of the machine that nobody sets. */
export const Limits = {
    /** Numbers are reserved durably in blocks of this size, so that most batches need not write the counter. */
    numberBlock: 1_024,
    /** Requests and local steps that one operation of a kind may make before it is stopped as faulty. */
    stepsPerOperation: 32,
    /** Requests that one observation of a node may make: some for each endpoint of a large bridge. */
    stepsPerObservation: 4_096,
    /** At once again after DATA_VERSION_MISMATCH. */
    versionMismatchRetries: 3,
    /** Revisions of a key set that nothing has named yet; older ones are erased when a new one is put. */
    unusedRevisions: 8,
    /** Start times remembered per key set, so that new material under an old one is recognised. */
    startTimesPerKeySet: 256,
    /** Settled runs kept (and with them their request ids) ... */
    settledRuns: 1_000,
    /** ... and for at least this long, up to the hard bound. */
    settledRunMinAgeMs: 7 * 24 * 3_600_000,
    settledRunsHard: 10_000,
    /** Phases a run may pass through within one step, so that a faulty definition cannot hang the machine. */
    drivesPerStep: 10_000,
    /** Entries of one atomic change command. */
    changesPerCommand: 1_000,
    /** Elements of a list within an intent (subjects, targets). */
    listLength: 256,
    /** Characters of a request id, a group name, a reason. */
    textLength: 256,
} as const;
