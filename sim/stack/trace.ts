import { createHash, type Hash } from "node:crypto";

/**
 * A rolling hash over everything that happens in a world: each packet with its bytes and fate, each timer. Two runs with the same hash
 * did the same. Lines are kept only when asked for.
 */
export class TraceHash {
    readonly #hash: Hash = createHash("sha256");
    #lines: string[] | undefined;
    #count = 0;

    /** Keep readable lines from now on, to find where two runs part. */
    record(): void {
        this.#lines ??= [];
    }

    get lines(): readonly string[] {
        return this.#lines ?? [];
    }

    /** Events so far. */
    get count(): number {
        return this.#count;
    }

    add(line: string, bytes?: Uint8Array): void {
        this.#count++;
        this.#hash.update(line).update("\n");
        if (bytes !== undefined) {
            this.#hash.update(bytes);
        }
        this.#lines?.push(bytes === undefined ? line : `${line} ${fingerprint(bytes)}`);
    }

    /** Hash so far, and of `content` (the stores) on top; in hexadecimal. */
    digest(content: unknown): string {
        return this.#hash.copy().update(canonical(content)).digest("hex");
    }
}

function fingerprint(bytes: Uint8Array): string {
    return createHash("sha256").update(bytes).digest("hex").slice(0, 12);
}

/** One text for equal values, whatever the order in which their members were set. */
export function canonical(value: unknown): string {
    if (value instanceof Uint8Array) {
        return `bytes:${Buffer.from(value).toString("hex")}`;
    }
    if (value instanceof ArrayBuffer) {
        return canonical(new Uint8Array(value));
    }
    if (Array.isArray(value)) {
        return `[${value.map(canonical).join(",")}]`;
    }
    if (typeof value === "object" && value !== null) {
        const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
        return `{${members.map(([name, member]) => `${name}:${canonical(member)}`).join(",")}}`;
    }
    return typeof value === "bigint" ? `${value}n` : String(JSON.stringify(value));
}
