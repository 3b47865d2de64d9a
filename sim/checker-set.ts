import type { Command, CommandResult } from "../src/core/command.js";
import type { DeviceAnswer } from "../src/core/device.js";
import type { RequestEffect } from "../src/core/effect.js";
import type { ManagerEvent } from "../src/core/event.js";
import type { Item } from "../src/core/item.js";
import type { StoreBatch } from "../src/core/store.js";
import type { InputBody } from "../src/core/input.js";
import type { Checker } from "./checkers/checker.js";
import type { World } from "./world.js";

/** Checkers by what they listen to, so that an event costs only those that it concerns. */
export class CheckerSet {
    readonly #by: { readonly [M in Method]: Checker[] } = {
        itemChanged: [],
        requestArrives: [],
        requestCarriedOut: [],
        deviceChanged: [],
        told: [],
        requestSent: [],
        requestOver: [],
        batchSent: [],
        batchDecided: [],
        event: [],
        commandSent: [],
        replied: [],
        crashed: [],
        backupRestored: [],
        restarted: [],
        calmBegan: [],
        ended: [],
        scan: [],
    };

    constructor(readonly all: readonly Checker[]) {
        for (const method of Object.keys(this.#by) as Method[]) {
            this.#by[method].push(...all.filter(checker => checker[method] !== undefined));
        }
    }

    begin(world: World): void {
        for (const checker of this.all) {
            checker.begin(world);
        }
    }

    itemChanged(item: Item): void {
        for (const checker of this.#by.itemChanged) {
            checker.itemChanged!(item);
        }
    }

    requestArrives(effect: RequestEffect, node: number): void {
        for (const checker of this.#by.requestArrives) {
            checker.requestArrives!(effect, node);
        }
    }

    requestCarriedOut(effect: RequestEffect, node: number, answer: DeviceAnswer): void {
        for (const checker of this.#by.requestCarriedOut) {
            checker.requestCarriedOut!(effect, node, answer);
        }
    }

    deviceChanged(node: number): void {
        for (const checker of this.#by.deviceChanged) {
            checker.deviceChanged!(node);
        }
    }

    told(node: number, input: InputBody): void {
        for (const checker of this.#by.told) {
            checker.told!(node, input);
        }
    }

    requestSent(effect: RequestEffect, node: number): void {
        for (const checker of this.#by.requestSent) {
            checker.requestSent!(effect, node);
        }
    }

    requestOver(effect: RequestEffect, node: number, answer: DeviceAnswer): void {
        for (const checker of this.#by.requestOver) {
            checker.requestOver!(effect, node, answer);
        }
    }

    batchSent(batch: StoreBatch): void {
        for (const checker of this.#by.batchSent) {
            checker.batchSent!(batch);
        }
    }

    batchDecided(batch: StoreBatch, durable: boolean): void {
        for (const checker of this.#by.batchDecided) {
            checker.batchDecided!(batch, durable);
        }
    }

    event(event: ManagerEvent): void {
        for (const checker of this.#by.event) {
            checker.event!(event);
        }
    }

    commandSent(id: number, command: Command): void {
        for (const checker of this.#by.commandSent) {
            checker.commandSent!(id, command);
        }
    }

    replied(id: number, command: Command, result: CommandResult): void {
        for (const checker of this.#by.replied) {
            checker.replied!(id, command, result);
        }
    }

    crashed(): void {
        this.#tell("crashed");
    }

    backupRestored(): void {
        this.#tell("backupRestored");
    }

    restarted(): void {
        this.#tell("restarted");
    }

    calmBegan(): void {
        this.#tell("calmBegan");
    }

    ended(): void {
        this.#tell("ended");
    }

    scan(): void {
        this.#tell("scan");
    }

    #tell(method: "crashed" | "backupRestored" | "restarted" | "calmBegan" | "ended" | "scan"): void {
        for (const checker of this.#by[method]) {
            checker[method]!();
        }
    }
}

type Method =
    | "itemChanged"
    | "requestArrives"
    | "requestCarriedOut"
    | "deviceChanged"
    | "told"
    | "requestSent"
    | "requestOver"
    | "batchSent"
    | "batchDecided"
    | "event"
    | "commandSent"
    | "replied"
    | "crashed"
    | "backupRestored"
    | "restarted"
    | "calmBegan"
    | "ended"
    | "scan";
