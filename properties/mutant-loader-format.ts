/** The text form of a mutant, and how its edits are applied. */

/** One known bug as a patch of the sources. */
export interface Mutant {
    /** The file name without `.mutant`. */
    readonly name: string;
    /** What the bug is, in a sentence. */
    readonly bug: string;
    /** Entries of the hazard catalogue it is taken from: `A14` (stated or fixed upstream), `B3` (found by reading). */
    readonly hazards: readonly string[];
    /** Names of the checkers predicted to catch it; the first that reports a violation must be one of these. */
    readonly killers: readonly string[];
    readonly edits: readonly MutantEdit[];
}

/** Replace whole lines of one source file. */
export interface MutantEdit {
    /** Below the repository root, with forward slashes. */
    readonly file: string;
    /** Consecutive whole lines that stand in the file exactly once. */
    readonly find: string;
    /** The lines that come instead; none to delete. */
    readonly replace: readonly string[];
}

/** Why a mutant cannot be used. */
export type MutantErrorCode = "MUTANT_UNKNOWN" | "MUTANT_MALFORMED" | "MUTANT_DOES_NOT_APPLY" | "MUTANT_NEEDS_CHECKOUT";

export class MutantError extends Error {
    override readonly name = "MutantError";

    constructor(
        readonly code: MutantErrorCode,
        message: string,
    ) {
        super(message);
    }
}

const HEADER_FIELDS = ["bug", "hazards", "killers"] as const;
type HeaderField = (typeof HEADER_FIELDS)[number];

/** Only what ships as a library is mutated: a mutant of the simulator would prove nothing about the checkers. */
const MUTABLE_FILE = /^src\/(?!.*(\.test\.ts$|\.\.))[\w./-]+\.ts$/;

/**
 * Read the text of a `.mutant` file: header fields `bug`, `hazards`, `killers`, each going on over indented lines; then hunks.
 *
 * ```
 * bug: An apply that ends after its intent was replaced still records `committed`.
 * hazards: A14, A15
 * killers: committed-is-true
 *
 * @@ src/core/lane.ts
 *      const item = items.get(outcome.item);
 * -    if (item.generation !== outcome.generation) return;
 * ```
 *
 * A hunk is a diff without line numbers: `-` lines go, `+` lines come, lines that start with a blank stay and only help to
 * find the place.
 *
 * @throws MutantError MUTANT_MALFORMED
 */
export function parseMutant(name: string, text: string): Mutant {
    const [head = "", ...hunks] = text.replaceAll("\r\n", "\n").split(/^@@ /m);
    const header = parseHeader(name, head);
    if (hunks.length === 0) throw malformed(name, "it has no hunk; begin one with a line `@@ src/...`");
    return {
        name,
        bug: header.bug,
        hazards: list(name, "hazards", header.hazards, /^[AB]\d+$/),
        killers: list(name, "killers", header.killers, /^[\w-]+$/),
        edits: hunks.map(hunk => parseHunk(name, hunk)),
    };
}

/**
 * The source text with the edits made.
 *
 * @param edits those of `mutant` that name the file `source` was read from
 * @throws MutantError MUTANT_DOES_NOT_APPLY, when the lines to replace do not stand in `source` exactly once
 */
export function applyEdits(mutant: string, edits: readonly MutantEdit[], source: string): string {
    return edits.reduce((text, edit) => applyEdit(mutant, edit, text), source);
}

function applyEdit(mutant: string, edit: MutantEdit, source: string): string {
    const lines = source.split("\n");
    const find = edit.find.split("\n");
    const places = lines.flatMap((_, start) => (find.every((line, i) => lines[start + i] === line) ? [start] : []));
    const [place, ...others] = places;
    if (place === undefined || others.length > 0) {
        const found = place === undefined ? "are not there" : `stand there ${places.length} times`;
        throw new MutantError(
            "MUTANT_DOES_NOT_APPLY",
            `Mutant ${mutant} no longer applies to ${edit.file}: the lines it replaces ${found}. ` +
                `Bring properties/mutants/${mutant}.mutant up to date with the source. The lines:\n${edit.find}`,
        );
    }
    lines.splice(place, find.length, ...edit.replace);
    return lines.join("\n");
}

function parseHeader(name: string, head: string): Record<HeaderField, string> {
    const fields: Partial<Record<HeaderField, string>> = {};
    let current: HeaderField | undefined;
    for (const line of head.split("\n").filter(line => line.trim() !== "")) {
        const start = /^(\w+):\s*(.*)$/.exec(line);
        if (start === null) {
            if (current === undefined || !/^\s/.test(line)) throw malformed(name, `this line belongs to no field: ${line}`);
            fields[current] = `${fields[current]} ${line.trim()}`;
            continue;
        }
        current = HEADER_FIELDS.find(field => field === start[1]);
        if (current === undefined) throw malformed(name, `unknown field "${start[1]}"; known are ${HEADER_FIELDS.join(", ")}`);
        if (fields[current] !== undefined) throw malformed(name, `the field "${current}" stands there twice`);
        fields[current] = start[2]?.trim() ?? "";
    }
    const { bug, hazards, killers } = fields;
    if (!bug || !hazards || !killers) throw malformed(name, `it needs the fields ${HEADER_FIELDS.join(", ")}`);
    return { bug, hazards, killers };
}

function list(name: string, field: HeaderField, text: string, form: RegExp): string[] {
    const values = text.split(",").map(value => value.trim());
    const odd = values.find(value => !form.test(value));
    if (odd !== undefined) throw malformed(name, `"${odd}" in "${field}" is not of the form ${form.source}`);
    return values;
}

function parseHunk(name: string, hunk: string): MutantEdit {
    const [file = "", ...body] = hunk.split("\n").map((line, index) => (index === 0 ? line.trim() : line));
    if (!MUTABLE_FILE.test(file)) throw malformed(name, `"${file}" is not a source file below src/`);
    while (body.length > 0 && body.at(-1)?.trim() === "") body.pop();
    const odd = body.find(line => line !== "" && !/^[-+ ]/.test(line));
    if (odd !== undefined) throw malformed(name, `a line of a hunk begins with "-", "+" or a blank, unlike: ${odd}`);
    const side = (dropped: string) => body.filter(line => !line.startsWith(dropped)).map(line => line.slice(1));
    const find = side("+").join("\n");
    const replace = side("-");
    if (find.trim() === "") throw malformed(name, `the hunk of ${file} has no line to find its place by`);
    if (body.every(line => line === "" || line.startsWith(" "))) throw malformed(name, `the hunk of ${file} changes nothing`);
    return { file, find, replace };
}

function malformed(name: string, why: string): MutantError {
    return new MutantError("MUTANT_MALFORMED", `Mutant ${name} cannot be read: ${why}. See CONTRIBUTING.md, "Mutants".`);
}
