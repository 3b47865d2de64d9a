import { refuse, type Result } from "../core/error.js";

/** Small checks for intents. Messages name the field, never the value: an intent can come from anywhere. */
export function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function integerField(value: Record<string, unknown>, name: string, min: number, max: number): string | null {
    const field = value[name];
    return Number.isInteger(field) && (field as number) >= min && (field as number) <= max
        ? null
        : `"${name}" must be an integer from ${min} to ${max}`;
}

export function textField(value: Record<string, unknown>, name: string, maxLength: number): string | null {
    const field = value[name];
    return typeof field === "string" && field.length <= maxLength ? null : `"${name}" must be a text of at most ${maxLength} characters`;
}

/** The first problem as a refusal; null: none. */
export function invalidIntent(kind: string, ...problems: (string | null)[]): Result<never> | null {
    const problem = problems.find(candidate => candidate !== null);
    return problem === undefined ? null : refuse("INVALID_INTENT", `${kind}: ${problem}`, { kind });
}

