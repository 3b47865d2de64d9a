import type { DeviceAnswer } from "../src/core/device.js";
import type { Effect, RequestEffect } from "../src/core/effect.js";
import type { NodeId } from "../src/core/ids.js";
import type { Input } from "../src/core/input.js";
import type { Incident, OtherDeed } from "./script.js";
import { answerText, effectText, incidentText, inputText } from "./trace-text.js";

/** One line of a recorded trace. */
export interface TraceLine {
    readonly atMs: number;
    readonly lane: "input" | "effect" | "device" | "note";
    /** The node that it concerns, as its decimal node id; null when it concerns the manager alone. */
    readonly node: string | null;
    readonly text: string;
}

/** Keeps a schedule's trace for people. Secrets show as fingerprints. */
export class TraceRecorder {
    readonly lines: TraceLine[] = [];
    /** Of this process: numbers begin anew with the next. */
    readonly #nodeOfRequest = new Map<number, NodeId>();

    input(atMs: number, input: Input): void {
        this.#add(atMs, "input", this.#nodeOf(input), inputText(input));
    }

    effect(atMs: number, effect: Effect): void {
        if (effect.type === "request") {
            this.#nodeOfRequest.set(effect.id, effect.node);
        }
        const concerned = effect.type === "event" ? effect.event : effect;
        this.#add(atMs, "effect", "node" in concerned ? concerned.node : null, effectText(effect));
    }

    carriedOut(atMs: number, effect: RequestEffect, answer: DeviceAnswer, counts: boolean): void {
        this.#add(atMs, "device", effect.node, `carries out request ${effect.id}${counts ? "" : " once more"}: ${answerText(answer)}`);
    }

    /** Something happens to a node, or to the clock. */
    incident(atMs: number, node: NodeId | null, incident: Incident | OtherDeed, isOver = false): void {
        this.#add(atMs, node === null ? "note" : "device", node, `${isOver ? "end of " : ""}${incidentText(incident)}`);
    }

    note(atMs: number, text: string): void {
        this.#add(atMs, "note", null, text);
    }

    #nodeOf(input: Input): NodeId | null {
        switch (input.type) {
            case "answer":
                return this.#nodeOfRequest.get(input.request) ?? null;
            case "command":
                return "node" in input.command ? input.command.node : null;
            default:
                return "node" in input ? input.node : null;
        }
    }

    #add(atMs: number, lane: TraceLine["lane"], node: NodeId | null, text: string): void {
        this.lines.push({ atMs, lane, node: node === null ? null : String(node), text });
    }
}
