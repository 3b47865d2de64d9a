/** What can be on the world's agenda. */
export const Kind = {
    /** A node carries a request out; b: 1 if its answer counts. */
    EFFECT: 1,
    /** The sender learns a request's outcome; a: life. */
    OUTCOME: 2,
    /** The store has decided; a: life. */
    STORED: 3,
    /** a: life, b: which wake. */
    WAKE: 4,
    /** a: index of the action. */
    ACTION: 5,
    REACHABLE: 6,
    UNREACHABLE: 7,
    RESTART: 8,
    CALM: 9,
    /** The caller repeats what was not acknowledged; a: life. */
    SETUP: 10,
    /** a: index of the incident, b: which part of it. */
    INCIDENT: 11,
    /** An attribute report arrives; a: node, b: life. */
    REPORT: 12,
    /** The caller tells that a node was commissioned again; a: node. */
    RENEWED: 13,
    /** A fail-safe may run out; a: node. */
    FAIL_SAFE_OVER: 14,
} as const;
