import { scriptFrom, ScriptError } from "./script-check.js";
import type { Replay } from "./replay-token.js";
import type { Violation } from "./world.js";

/** A schedule that violated something, with what one needs to know to run it again and to make sense of it. */
export interface FailureFile extends Replay {
    /** A line for people: what this was. */
    readonly about: string;
    readonly violation: Violation;
    /** The mutant that must be switched on to see it; null: none. */
    readonly mutant: string | null;
    /** What it was seen with. */
    readonly versions: { readonly selvage: string; readonly node: string };
}

const KIND = "selvage-failure";
const FORMAT = 1;

/** The file's text. */
export function failureFileText({ about, violation, mutant, versions, scanThroughout, script }: FailureFile): string {
    return `${JSON.stringify({ kind: KIND, format: FORMAT, about, violation, mutant, versions, scanThroughout, script }, null, 2)}\n`;
}

/**
 * Read a failure file.
 *
 * @throws ScriptError SCRIPT_DAMAGED, SCRIPT_NEWER
 */
export function readFailureFile(text: string): FailureFile {
    const data = parsed(text);
    if (data["kind"] !== KIND || typeof data["format"] !== "number") {
        throw damaged(`its "kind" is not "${KIND}"`);
    }
    if (data["format"] > FORMAT) {
        throw new ScriptError(
            "SCRIPT_NEWER",
            `This file has format ${data["format"]}, and this Selvage reads up to ${FORMAT}. Replay it with the version that made it, or a later one.`,
        );
    }
    const { about, mutant, versions } = data;
    const violation = data["violation"] as Partial<Violation> | null;
    if (typeof violation?.checker !== "string" || typeof violation.message !== "string" || typeof violation.atMs !== "number") {
        throw damaged("it does not say what was violated");
    }
    if (typeof about !== "string" || (mutant !== null && typeof mutant !== "string")) {
        throw damaged(`"about" or "mutant" is missing`);
    }
    const { checker, message, atMs } = violation;
    return {
        about,
        violation: { checker, message, atMs },
        mutant,
        versions: versions as FailureFile["versions"],
        scanThroughout: data["scanThroughout"] === true,
        script: scriptFrom(data["script"]),
    };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
    let data: unknown;
    try {
        data = JSON.parse(text);
    } catch {
        throw damaged("it is not JSON");
    }
    if (typeof data !== "object" || data === null) {
        throw damaged("it is no JSON object");
    }
    return data as Readonly<Record<string, unknown>>;
}

function damaged(why: string): ScriptError {
    return new ScriptError("SCRIPT_DAMAGED", `This is no failure file of Selvage: ${why}. Such files come from "selvage fuzz --save DIR".`);
}
