import type { PlainServer } from "../plain/plain-server.js";

/** A server with one deliberate defect: what proves that cases can fail. */
export interface Deviant {
    readonly name: string;
    /** The defect, in one sentence. */
    readonly defect: string;
    readonly kind: typeof PlainServer;
    /** The aliases of exactly the cases that fail, without `JFDS-`. */
    readonly fails: readonly string[];
}

