/** Plain data that crosses a target's border: 64-bit numbers are bigint, octet strings `Uint8Array`. A number and a bigint of the same amount are equal. */
export type Value = null | boolean | number | bigint | string | Uint8Array | readonly Value[] | Fields | undefined;

/** Fields of a struct or of a command. Absent and null are different. */
export interface Fields {
    readonly [name: string]: Value;
}

export function isFields(value: Value): value is Fields {
    return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

export function equal(one: Value, other: Value): boolean {
    if (typeof one === "number" || typeof one === "bigint") {
        // eslint-disable-next-line eqeqeq -- 5 and 5n are the same amount
        return (typeof other === "number" || typeof other === "bigint") && one == other;
    }
    if (one instanceof Uint8Array || other instanceof Uint8Array) {
        return one instanceof Uint8Array && other instanceof Uint8Array && one.length === other.length && one.every((byte, at) => byte === other[at]);
    }
    if (Array.isArray(one) || Array.isArray(other)) {
        const [left, right] = [one, other] as readonly (readonly Value[])[];
        return Array.isArray(left) && Array.isArray(right) && left.length === right.length && left.every((value: Value, at) => equal(value, right[at] as Value));
    }
    if (isFields(one) && isFields(other)) {
        const present = (fields: Fields) => Object.keys(fields).filter(name => fields[name] !== undefined);
        return present(one).length === present(other).length && present(one).every(name => equal(one[name], other[name]));
    }
    return one === other;
}

/** Every field of the pattern is in the value, equal; other fields do not matter. */
export function matches(value: Value, pattern: Fields): boolean {
    return isFields(value) && Object.keys(pattern).every(name => equal(value[name], pattern[name]));
}

/** A deep copy that shares nothing. */
export function copyOf<T extends Value>(value: T): T {
    return structuredClone(value);
}

/** What JSON has no words for is tagged: `{"hex": "00ff"}` and `{"int": "18446744073709551615"}`. */
export function toJson(value: Value): unknown {
    if (typeof value === "bigint") {
        return { int: value.toString() };
    }
    if (value instanceof Uint8Array) {
        return { hex: Buffer.from(value).toString("hex") };
    }
    if (Array.isArray(value)) {
        return value.map(entry => toJson(entry as Value));
    }
    if (isFields(value)) {
        return Object.fromEntries(Object.entries(value).flatMap(([name, field]) => (field === undefined ? [] : [[name, toJson(field)]])));
    }
    return value;
}

/** The reverse of {@link toJson}. */
export function fromJson(json: unknown): Value {
    if (Array.isArray(json)) {
        return json.map(fromJson);
    }
    if (typeof json !== "object" || json === null) {
        return json as Value;
    }
    const entries = Object.entries(json);
    const [only] = entries;
    if (entries.length === 1 && only !== undefined && typeof only[1] === "string") {
        if (only[0] === "int") {
            return BigInt(only[1]);
        }
        if (only[0] === "hex") {
            return new Uint8Array(Buffer.from(only[1], "hex"));
        }
    }
    return Object.fromEntries(entries.map(([name, field]) => [name, fromJson(field)]));
}
