import { KeyMaterial } from "../../core/key-material.js";
import type { DurableRecord } from "../../core/store.js";
import { StoreError } from "./store-error.js";

/**
 * Records as bytes: JSON in UTF-8, where an object with exactly one key that begins with a single `$` stands for what JSON
 * lacks. Keys of records that begin with `$` get one more.
 *
 * | value                     | written as                            |
 * |---------------------------|---------------------------------------|
 * | bigint                    | `{"$n":"123"}`                        |
 * | Uint8Array                | `{"$b":"base64"}`                     |
 * | KeyMaterial               | `{"$k":["base64","fingerprint"]}`     |
 * | NaN, the infinities, `-0` | `{"$f":"NaN"}`                        |
 * | undefined                 | `{"$u":0}`                            |
 *
 * Properties keep their order, so equal records built alike give equal bytes.
 */

/** Deeper nesting is a mistake (a cycle, most likely). */
const MAX_DEPTH = 64;

/** The bytes are not those of a record. Says nothing about the content. */
class NotARecord extends Error {}

/**
 * The bytes that stand for a record.
 *
 * @throws StoreError REFUSED when the record holds something that is not plain data (a function, a class instance, a cycle).
 */
export function encodeRecord(record: DurableRecord): Buffer {
    return Buffer.from(JSON.stringify(toJson(record, 0)), "utf8");
}

/**
 * The record that the bytes stand for, or `undefined` when they stand for none. Never throws, runs nothing, and touches no
 * prototype: a property called `__proto__` is a property.
 */
export function decodeRecord(bytes: Uint8Array): DurableRecord | undefined {
    try {
        const text = utf8.decode(bytes);
        const json: unknown = JSON.parse(text);
        // Most of the cost of opening a large store is spent here: what holds no tag needs no walk.
        const value = text.includes('"$') ? fromJson(json, 0) : json;
        return typeof value === "object" && value !== null ? value : undefined;
    } catch {
        return undefined;
    }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function toJson(value: unknown, depth: number): unknown {
    switch (typeof value) {
        case "string":
        case "boolean":
            return value;
        case "number":
            return Number.isFinite(value) && !Object.is(value, -0)
                ? value
                : { $f: Object.is(value, -0) ? "-0" : String(value) };
        case "bigint":
            return { $n: value.toString() };
        case "undefined":
            return { $u: 0 };
        case "object":
            return value === null ? null : objectToJson(value, depth + 1);
        default:
            throw notPlain(`a ${typeof value}`);
    }
}

function objectToJson(value: object, depth: number): unknown {
    if (depth > MAX_DEPTH) {
        throw notPlain(`nesting deeper than ${MAX_DEPTH}, or a cycle`);
    }
    if (Array.isArray(value)) {
        return Array.from(value, element => toJson(element, depth));
    }
    if (value instanceof Uint8Array) {
        return { $b: toBase64(value) };
    }
    if (value instanceof KeyMaterial) {
        return { $k: [toBase64(value.reveal()), value.fingerprint] };
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
        throw notPlain("an instance of a class");
    }
    const json: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
        setOwn(json, key.startsWith("$") ? `$${key}` : key, toJson(member, depth));
    }
    return json;
}

/** Turns tags into what they stand for, in place: a copy would double the cost of opening a store. */
function fromJson(json: unknown, depth: number): unknown {
    if (typeof json !== "object" || json === null) {
        return json;
    }
    if (depth > MAX_DEPTH) {
        throw new NotARecord();
    }
    if (Array.isArray(json)) {
        for (let i = 0; i < json.length; i++) {
            const element: unknown = json[i];
            if (typeof element === "object" && element !== null) {
                json[i] = fromJson(element, depth + 1);
            }
        }
        return json;
    }
    return objectFromJson(json as Record<string, unknown>, depth);
}

function objectFromJson(json: Record<string, unknown>, depth: number): unknown {
    const keys = Object.keys(json);
    if (keys.some(key => key.startsWith("$"))) {
        return keys.length === 1 && !keys[0]!.startsWith("$$")
            ? fromTag(keys[0]!, json[keys[0]!])
            : unescapeKeys(json, keys, depth);
    }
    for (const key of keys) {
        const member = json[key];
        if (typeof member === "object" && member !== null) {
            setOwn(json, key, fromJson(member, depth + 1));
        }
    }
    return json;
}

function unescapeKeys(json: Record<string, unknown>, keys: readonly string[], depth: number): unknown {
    const record: Record<string, unknown> = {};
    for (const key of keys) {
        if (key.startsWith("$") && !key.startsWith("$$")) {
            throw new NotARecord();
        }
        setOwn(record, key.startsWith("$") ? key.slice(1) : key, fromJson(json[key], depth + 1));
    }
    return record;
}

function fromTag(tag: string, content: unknown): unknown {
    switch (tag) {
        case "$n":
            return bigintOf(content);
        case "$b":
            return bytesOf(content);
        case "$k":
            return keyMaterialOf(content);
        case "$f":
            return floatOf(content);
        case "$u":
            return undefined;
        default:
            throw new NotARecord();
    }
}

function bigintOf(content: unknown): bigint {
    if (typeof content !== "string" || !/^-?\d+$/.test(content)) {
        throw new NotARecord();
    }
    return BigInt(content);
}

function bytesOf(content: unknown): Uint8Array {
    if (typeof content !== "string") {
        throw new NotARecord();
    }
    const bytes = Buffer.from(content, "base64");
    if (bytes.toString("base64") !== content) {
        throw new NotARecord();
    }
    // A Buffer is a view into a pool that other data, keys among it, shares.
    return Uint8Array.from(bytes);
}

function keyMaterialOf(content: unknown): KeyMaterial {
    if (!Array.isArray(content) || content.length !== 2 || typeof content[1] !== "string") {
        throw new NotARecord();
    }
    return new KeyMaterial(bytesOf(content[0]), content[1]);
}

function floatOf(content: unknown): number {
    switch (content) {
        case "-0":
            return -0;
        case "NaN":
            return Number.NaN;
        case "Infinity":
            return Number.POSITIVE_INFINITY;
        case "-Infinity":
            return Number.NEGATIVE_INFINITY;
        default:
            throw new NotARecord();
    }
}

/** Assignment to `__proto__` would set the prototype. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
    if (key === "__proto__") {
        Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
    } else {
        target[key] = value;
    }
}

function toBase64(bytes: Uint8Array): string {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function notPlain(what: string): StoreError {
    return new StoreError("REFUSED", `a record holds ${what}, which no store can keep; commit plain data only`);
}
