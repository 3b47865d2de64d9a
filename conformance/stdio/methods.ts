import type { Session } from "../target.js";

/** What a session can be asked over the adapter protocol, with the names of its parameters in their order. */
export const sessionMethods: { readonly [Name in Exclude<keyof Session, "close">]: readonly string[] } = {
    invoke: ["command", "fields", "accessor"],
    read: ["attribute", "accessor", "options"],
    readAll: ["accessor", "options"],
    write: ["attribute", "value", "accessor"],
    subscribe: [],
    reports: [],
    addMember: ["spec"],
    memberState: ["nodeId"],
    traffic: ["nodeId"],
    setReachable: ["nodeId", "reachable", "announced"],
    addFault: ["nodeId", "fault"],
    release: ["nodeId"],
    otherChange: ["nodeId", "change"],
    setEndpoint: ["nodeId", "endpoint", "present"],
    factoryReset: ["nodeId"],
    settle: ["boundMs"],
    advance: ["ms"],
    nowEpochS: [],
    restart: [],
    kill: [],
    killAfterWrites: ["count"],
    identity: [],
    finds: ["where", "bytes"],
    form: [],
    removeFabric: ["which"],
    transfer: ["step", "options"],
};

/** Of the target itself: `hello` first, then `open` and `close` for each case. */
export const targetMethods = ["hello", "open", "close"] as const;

/** Moves when a message changes its meaning. */
export const PROTOCOL = 1;
