import type { Command, CommandResult } from "../../src/core/command.js";
import type { DeviceAnswer } from "../../src/core/device.js";
import type { RequestEffect } from "../../src/core/effect.js";
import type { ManagerEvent } from "../../src/core/event.js";
import type { Item } from "../../src/core/item.js";
import type { StoreBatch } from "../../src/core/store.js";
import type { InputBody } from "../../src/core/input.js";
import type { World } from "../world.js";

/**
 * Watches one thing that must always hold, through the transitions that could break it. Its oracle is the device model's inside and
 * what the machine did, never a kind's `verify`. Methods are called before the world goes on.
 */
export interface Checker {
    /** What must hold, as DESIGN section 10 numbers it. */
    readonly name: string;
    readonly claim: string;

    /** A schedule begins: forget the one before. */
    begin(world: World): void;

    /** An item's record, confirmation or drift changed in memory; `record` is null when it ended. */
    itemChanged?(item: Item): void;
    /** A node is about to carry a request of the manager out, whatever becomes of the answer. */
    requestArrives?(effect: RequestEffect, node: number): void;
    /** It has. */
    requestCarriedOut?(effect: RequestEffect, node: number, answer: DeviceAnswer): void;
    /** A node may have changed: it carried a request out, or something happened to it. */
    deviceChanged?(node: number): void;
    /** The machine is about to learn something about a node that it did not ask for. */
    told?(node: number, input: InputBody): void;
    requestSent?(effect: RequestEffect, node: number): void;
    /** The sender learnt what became of the request. */
    requestOver?(effect: RequestEffect, node: number, answer: DeviceAnswer): void;
    batchSent?(batch: StoreBatch): void;
    batchDecided?(batch: StoreBatch, durable: boolean): void;
    event?(event: ManagerEvent): void;
    commandSent?(id: number, command: Command): void;
    replied?(id: number, command: Command, result: CommandResult): void;
    /** The controller died; nothing was told yet about what the store kept. */
    crashed?(): void;
    /** While no process runs: the store was put back to what it held some time ago. What came after was not acknowledged. */
    backupRestored?(): void;
    restarted?(): void;
    calmBegan?(): void;
    /** Everything that will happen has happened. */
    ended?(): void;
    /** A full scan, costly: at the end, and throughout every 64th schedule. */
    scan?(): void;
}
