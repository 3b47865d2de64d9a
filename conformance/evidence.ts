import { createHash } from "node:crypto";
import { isFields, type Value } from "./values.js";

/** One thing that was done or seen, in plain text. Epoch keys are fingerprints. */
export interface Evidence {
    readonly atMs?: number;
    readonly what: string;
    readonly detail?: string;
}

const MAX_ENTRIES = 200;
const MAX_DETAIL = 2000;

/** What a case did and saw, bounded. */
export class EvidenceLog {
    readonly entries: Evidence[] = [];

    add(what: string, detail?: Value): void {
        if (this.entries.length < MAX_ENTRIES) {
            this.entries.push(detail === undefined ? { what } : { what, detail: shown(detail).slice(0, MAX_DETAIL) });
        }
    }
}

/** A value in one line, without secrets. */
export function shown(value: Value, name = ""): string {
    if (value instanceof Uint8Array) {
        // Whatever has the length of an epoch key may be one.
        return /^(epochKey|key)/i.test(name) || value.length === 16 ? `key:${fingerprintOf(value)}` : `0x${Buffer.from(value.slice(0, 32)).toString("hex")}${value.length > 32 ? "..." : ""}`;
    }
    if (typeof value === "bigint") {
        return value > 0xffff_ffffn ? `0x${value.toString(16)}` : value.toString();
    }
    if (Array.isArray(value)) {
        return `[${value.map(entry => shown(entry as Value, name)).join(", ")}]`;
    }
    if (isFields(value)) {
        const fields = Object.entries(value).filter(([, field]) => field !== undefined);
        return `{${fields.map(([field, each]) => `${field}: ${shown(each, field)}`).join(", ")}}`;
    }
    return typeof value === "string" ? JSON.stringify(value) : `${value as unknown as number}`;
}

/** Stands for an epoch key wherever one would be shown. */
export function fingerprintOf(bytes: Uint8Array): string {
    return createHash("sha256").update(bytes).digest("hex").slice(0, 8);
}
