/** An intent as text, for comparisons: the same value has the same text. */
export function intentText(intent: object): string {
    return JSON.stringify(intent, (_name, field: unknown) => (typeof field === "bigint" ? `${field}n` : field));
}
