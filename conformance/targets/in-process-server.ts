import type { Accessor, Report } from "../target.js";
import type { Fields } from "../values.js";

/** A server in this process, over a simulated world: what a session drives. */
export interface InProcessServer {
    /** False: another node is the Anchor, or no fabric is formed; the cluster is not there. */
    readonly isServing: boolean;
    readonly attributes: Fields;
    readonly dataVersion: number;
    /** A dead server does nothing any more; what it stored is left. */
    isDead: boolean;
    onReport: ((report: Report) => void) | undefined;
    grants(accessor: Accessor): boolean;
    /** @returns status, once what it changed is durable */
    command(command: string, fields: Fields): number | Promise<number>;
    start(): void;
    form(): void | Promise<unknown>;
    removeFabric(): void | Promise<unknown>;
    transfer(step: "request" | "complete", consent: boolean): Transferred | Promise<Transferred>;
}

/** The answer to a step of an anchor transfer. */
export interface Transferred {
    readonly status: number;
    readonly response?: Fields;
}
