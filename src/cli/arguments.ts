import { InvalidArgumentError } from "commander";

/** A whole number within bounds, for commander. */
export function whole(least: number, greatest: number): (text: string) => number {
    return text => {
        const number = /^\d+$/.test(text) ? Number(text) : NaN;
        if (!(number >= least && number <= greatest)) {
            throw new InvalidArgumentError(`Give a whole number from ${least} to ${greatest}.`);
        }
        return number;
    };
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration like `500ms`, `30s`, `5m`, `2h`, or just seconds: in milliseconds, for commander. */
export function durationMs(text: string): number {
    const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
    const ms = parts === null ? NaN : Number(parts[1]) * UNIT_MS[parts[2] ?? "s"]!;
    if (!(ms >= 1 && ms <= 30 * 24 * 3_600_000)) {
        throw new InvalidArgumentError("Give a time like 500ms, 30s, 5m or 2h.");
    }
    return ms;
}
