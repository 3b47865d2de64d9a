import type { DeviceAnswer } from "../src/core/device.js";
import type { Effect, RequestEffect } from "../src/core/effect.js";
import type { Input } from "../src/core/input.js";

/** One line of a recorded trace. */
export interface TraceLine {
    readonly atMs: number;
    readonly lane: "input" | "effect" | "device" | "note";
    readonly text: string;
}

/** Keeps a schedule's trace for people. Secrets show as fingerprints. */
export class TraceRecorder {
    readonly lines: TraceLine[] = [];

    input(atMs: number, input: Input): void {
        const { monoMs: _mono, wallMs: _wall, type, ...rest } = input;
        this.#add(atMs, "input", `${type} ${show(rest)}`);
    }

    effect(atMs: number, effect: Effect): void {
        const { type, ...rest } = effect;
        this.#add(atMs, "effect", `${type} ${show(rest)}`);
    }

    carriedOut(atMs: number, effect: RequestEffect, answer: DeviceAnswer, counts: boolean): void {
        this.#add(atMs, "device", `node ${effect.node} carries out request ${effect.id}${counts ? "" : " once more"}: ${show(answer)}`);
    }

    note(atMs: number, text: string): void {
        this.#add(atMs, "note", text);
    }

    #add(atMs: number, lane: TraceLine["lane"], text: string): void {
        this.lines.push({ atMs, lane, text });
    }
}

/** Compact and complete; bigints as decimal, key bytes never. */
function show(value: unknown): string {
    return JSON.stringify(value, (name, field: unknown) => {
        if (typeof field === "bigint") {
            return field.toString();
        }
        return field instanceof Uint8Array ? `${field.length} bytes of ${name}` : field;
    });
}
