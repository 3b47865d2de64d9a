import type { Fingerprint } from "../core/key-material.js";

/** A keyed digest of parameters: equal parameters, whatever the order of their fields, have equal digests. */
export function fingerprintOf(value: unknown, fingerprint: Fingerprint): string {
    return fingerprint(new TextEncoder().encode(canonical(value)));
}

/** One text per value: types are told apart, fields sorted, undefined fields absent. */
function canonical(value: unknown): string {
    if (typeof value === "bigint") {
        return `${value}n`;
    }
    if (value instanceof Uint8Array) {
        return `x${[...value].map(byte => byte.toString(16).padStart(2, "0")).join("")}`;
    }
    if (Array.isArray(value)) {
        return `[${value.map(canonical).join(",")}]`;
    }
    if (typeof value === "object" && value !== null) {
        const fields = Object.entries(value).filter(([, field]) => field !== undefined);
        fields.sort(([a], [b]) => (a < b ? -1 : 1));
        return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(",")}}`;
    }
    return JSON.stringify(value) ?? "undefined";
}
