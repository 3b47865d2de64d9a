import type { ItemIdentity, ItemKey } from "../core/identity.js";
import { nodeId, type NodeId } from "../core/ids.js";
import type { Administrator, Kind } from "../core/kind.js";
import type { ItemMode } from "../core/records.js";
import type { TaskDefinition } from "../tasks/definition.js";
import { SelvageError, type SelvageErrorCode } from "./selvage-error.js";

/**
 * Checks of the *form* of arguments, for callers without a compiler: whether what the machine is given is what its types say. Whether
 * it makes sense is the machine's to say.
 */

function wrong(what: string, must: string, code: SelvageErrorCode = "INVALID_COMMAND"): SelvageError {
    return new SelvageError(code, `${what} must be ${must}`);
}

/** @throws SelvageError INVALID_COMMAND */
export function nodeArgument(value: unknown): NodeId {
    try {
        if (typeof value === "bigint") {
            return nodeId(value);
        }
    } catch {
        // Out of range: the same remedy.
    }
    throw wrong("the node", "an operational node id: a bigint from 1 to 0xFFFFFFEFFFFFFFFF, as nodeId(5n) gives");
}

/** @throws SelvageError INVALID_COMMAND */
export function textArgument(what: string, value: unknown): string {
    if (typeof value !== "string") {
        throw wrong(what, "a text");
    }
    return value;
}

export function optionalText(what: string, value: unknown): string | undefined {
    return value === undefined ? undefined : textArgument(what, value);
}

/** @throws SelvageError INVALID_COMMAND */
export function keyArgument(value: unknown): ItemKey {
    const parts: unknown[] = Array.isArray(value) ? value : [];
    if (parts.length === 0 || !parts.every(part => typeof part === "number" || typeof part === "string")) {
        throw wrong("the key", "a list of numbers and texts, as items() shows it, such as [1, 5] for endpoint 1 in group 5");
    }
    return parts;
}

/** @throws SelvageError INVALID_COMMAND */
export function modeArgument(value: unknown): ItemMode {
    if (value !== "converge" && value !== "maintain") {
        throw wrong("the mode", '"converge" or "maintain"');
    }
    return value;
}

/** @throws SelvageError INVALID_COMMAND */
export function runArgument(value: unknown): number {
    if (typeof value !== "number") {
        throw wrong("the run", "the number that run() gave");
    }
    return value;
}

/** What `reconcile` verifies or rewrites. @throws SelvageError INVALID_COMMAND */
export function scopeArgument(what: string, value: unknown): "all" | readonly ItemIdentity[] {
    if (value === "all") {
        return value;
    }
    if (!Array.isArray(value)) {
        throw wrong(what, '"all" or a list of { kind, key }');
    }
    return value.map((identity: unknown) => {
        const { kind, key } = objectArgument(`each element of ${what}`, identity);
        return { kind: textArgument(`the kind in ${what}`, kind), key: keyArgument(key) };
    });
}

/** @throws SelvageError INVALID_COMMAND, or the given code */
export function objectArgument(what: string, value: unknown, code?: SelvageErrorCode): Record<string, unknown> {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw wrong(what, "an object", code);
    }
    return value as Record<string, unknown>;
}

/** @throws SelvageError INVALID_COMMAND, or the given code */
export function listArgument(what: string, value: unknown, code?: SelvageErrorCode): readonly unknown[] {
    if (!Array.isArray(value)) {
        throw wrong(what, "a list", code);
    }
    return value;
}

/** Who the controller is to access control lists. @throws SelvageError INVALID_COMMAND, or the given code */
export function administratorArgument(value: unknown, code?: SelvageErrorCode): Administrator {
    const { nodeId: id, caseAuthenticatedTags: tags = [] } = objectArgument("the administrator", value, code);
    const areTags = Array.isArray(tags) && tags.every(tag => Number.isInteger(tag) && tag > 0 && tag <= 0xffff_ffff && (tag & 0xffff) !== 0);
    if (!areTags) {
        throw wrong('"caseAuthenticatedTags"', "a list of 32-bit tags with a version of 1 or more, such as [0xABCD0001]", code);
    }
    return { nodeId: nodeArgument(id), caseAuthenticatedTags: tags as number[] };
}

const kindFunctions = ["validate", "keyOf", "equal", "dependsOn", "watch", "apply", "verify", "remove"];
const taskFunctions = ["validate", "prepare", "restore", "slots", "nodes", "phases", "planned"];

/** A kind of the application's own. @throws SelvageError INVALID_COMMAND, or the given code */
export function kindArgument(value: unknown, code?: SelvageErrorCode): Kind {
    const kind = objectArgument("a kind", value, code);
    requireMembers("a kind", kind, { name: "string", applyOrder: "number", removeOrder: "number" }, kindFunctions, code);
    const { locksNodeMs } = kind;
    if (locksNodeMs !== undefined && !(typeof locksNodeMs === "number" && locksNodeMs > 0 && Number.isFinite(locksNodeMs))) {
        throw wrong('"locksNodeMs" of a kind', "a positive number of milliseconds", code);
    }
    return value as Kind;
}

/** A task of the application's own. @throws SelvageError INVALID_COMMAND, or the given code */
export function taskArgument(value: unknown, code?: SelvageErrorCode): TaskDefinition {
    const task = objectArgument("a task definition", value, code);
    requireMembers("a task definition", task, { type: "string", version: "number" }, taskFunctions, code);
    return value as TaskDefinition;
}

function requireMembers(
    what: string,
    value: Record<string, unknown>,
    fields: Record<string, "string" | "number">,
    functions: readonly string[],
    code: SelvageErrorCode | undefined,
): void {
    for (const [name, type] of Object.entries(fields)) {
        if (typeof value[name] !== type || value[name] === "") {
            throw wrong(`"${name}" of ${what}`, type === "string" ? "a text" : "a number", code);
        }
    }
    for (const name of functions) {
        if (typeof value[name] !== "function") {
            throw wrong(`"${name}" of ${what}`, "a function", code);
        }
    }
}
