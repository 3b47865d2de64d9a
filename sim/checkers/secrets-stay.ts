import type { Command, CommandResult } from "../../src/core/command.js";
import type { ManagerEvent } from "../../src/core/event.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import type { RunRecord } from "../../src/core/records.js";
import type { StoreBatch } from "../../src/core/store.js";
import { isSettled } from "../../src/tasks/run.js";
import { SCRIPT_ROOTS } from "../script-certificates.js";
import type { World } from "../world.js";
import type { Checker } from "./checker.js";

/**
 * S8: no secret in any event, reply or settled record. Whatever leaves the machine for people is walked through for key material, for octet strings of its length,
 * and for the bytes of a known key in hexadecimal. (Logs and reports of the shells: `src/runtime/secrets.test.ts`.)
 */
export class SecretsStay implements Checker {
    readonly name = "S8";
    readonly claim = "no secret is in an event, a reply or a settled record";
    #world!: World;

    begin(world: World): void {
        this.#world = world;
    }

    event(event: ManagerEvent): void {
        this.#check(event, `the event ${event.type}`);
    }

    replied(_id: number, command: Command, result: CommandResult): void {
        this.#check(result, `the reply to ${command.type}`);
    }

    batchSent(batch: StoreBatch): void {
        for (const { table, id, record } of batch.puts) {
            if (table === "run" && record !== null && isSettled((record as RunRecord).state)) {
                this.#check(record, `the settled run ${id}`);
            }
        }
    }

    #check(value: unknown, where: string): void {
        const secret = secretIn(value);
        if (secret !== null) {
            this.#world.violate(this.name, `${where} holds ${secret}`);
        }
    }
}

/** Bytes of a key in hexadecimal, spaces aside. */
const KEY_TEXT = /(?:[0-9a-f]{2}[ :]?){16}/i;

/** Subject key identifiers are no secrets, and look like keys. */
function withoutRoots(text: string): string {
    return SCRIPT_ROOTS.reduce((rest, root) => rest.replaceAll(root, ""), text);
}

function secretIn(value: unknown): string | null {
    if (typeof value === "string") {
        return value.length >= 2 * KeyMaterial.LENGTH && KEY_TEXT.test(withoutRoots(value)) ? "a text that looks like a key" : null;
    }
    if (typeof value !== "object" || value === null) {
        return null;
    }
    if (value instanceof KeyMaterial) {
        return "key material";
    }
    if (value instanceof Uint8Array) {
        return value.length === KeyMaterial.LENGTH ? "an octet string as long as a key" : null;
    }
    for (const member of Object.values(value) as unknown[]) {
        const secret = secretIn(member);
        if (secret !== null) {
            return secret;
        }
    }
    return null;
}
