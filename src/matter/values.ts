/**
 * Translates values between the cores' plain form and matter.js's, led by matter.js's model of the attribute or command. The two
 * agree on names (specification names in lower camel case); they differ in start times, bitmaps, 64-bit integers, secrets and
 * `fabricIndex`.
 */
import { Bytes, camelize } from "@matter/general";
import { type FieldModel, Metatype, type PropertyModel, type ValueModel } from "@matter/model";
import { ValidationDatatypeMismatchError } from "@matter/types";
import type { DeviceFields, DeviceValue } from "../core/device.js";
import { KeyMaterial } from "../core/key-material.js";
import { epochSFromMatter, epochSToMatter, epochUsFromMatter, epochUsToMatter } from "./epoch.js";

/** Field number of `fabricIndex` in every fabric-scoped struct (section 7.13.6); the accessing fabric stands for it. */
const FABRIC_INDEX_FIELD = 0xfe;

/**
 * A value of the cores as matter.js takes it for `model`. Key material is unwrapped here and nowhere else.
 * @throws ValidationDatatypeMismatchError naming the place, never the value.
 */
export function toMatter(model: ValueModel, value: DeviceValue, path = model.propertyName): unknown {
    if (value === null) {
        return null;
    }
    switch (model.effectiveMetatype) {
        case Metatype.array:
            return listToMatter(model, value, path);
        case Metatype.object:
            return structToMatter(model, value, path);
        case Metatype.bitmap:
            return flagsOf(model, integer(value, path));
        case Metatype.enum:
            return integer(value, path);
        case Metatype.integer:
            return integerToMatter(model, value, path);
        case Metatype.bytes:
            return bytesToMatter(value, path);
        case Metatype.boolean:
            return requireType(value, "boolean", path);
        case Metatype.string:
            return requireType(value, "string", path);
        case Metatype.float:
            return requireType(value, "number", path);
        default:
            return value;
    }
}

/** What matter.js decoded for `model` as the cores take it: without `fabricIndex`, and without fields that are absent. */
export function fromMatter(model: ValueModel, value: unknown): DeviceValue {
    if (value === null || value === undefined) {
        return null;
    }
    switch (model.effectiveMetatype) {
        case Metatype.array:
            return listFromMatter(model, value as readonly unknown[]);
        case Metatype.object:
            return structFromMatter(model, value as Record<string, unknown>);
        case Metatype.bitmap:
            return bitsOf(model, value);
        case Metatype.integer:
            return integerFromMatter(model, value as number | bigint);
        case Metatype.bytes:
            return Uint8Array.from(Bytes.of(value as Bytes));
        default:
            return value as DeviceValue;
    }
}

// ---------------------------------------------------------------------------------------------------------- containers

function listToMatter(model: ValueModel, value: DeviceValue, path: string): unknown[] {
    if (!Array.isArray(value)) {
        throw mismatch(path, "a list");
    }
    const entry = model.listEntry;
    return value.map((item: DeviceValue, index) => (entry ? toMatter(entry, item, `${path}[${index}]`) : item));
}

function structToMatter(model: ValueModel, value: DeviceValue, path: string): Record<string, unknown> {
    if (typeof value !== "object" || value === null || Array.isArray(value) || isBytes(value)) {
        throw mismatch(path, "a structure");
    }
    const fields = value as DeviceFields;
    const properties = propertiesOf(model);
    for (const name of Object.keys(fields)) {
        if (!properties.has(name)) {
            throw mismatch(`${path}.${name}`, "a field that the specification defines");
        }
    }
    const result: Record<string, unknown> = {};
    for (const [name, property] of properties) {
        const field = fields[name];
        if (field !== undefined) {
            result[name] = toMatter(property, field, `${path}.${name}`);
        }
    }
    return result;
}

function listFromMatter(model: ValueModel, value: readonly unknown[]): DeviceValue {
    const entry = model.listEntry;
    return value.map(item => (entry ? fromMatter(entry, item) : (item as DeviceValue)));
}

function structFromMatter(model: ValueModel, value: Record<string, unknown>): DeviceFields {
    const result: Record<string, DeviceValue> = {};
    for (const [name, property] of propertiesOf(model)) {
        const field = value[name];
        if (field !== undefined && property.id !== FABRIC_INDEX_FIELD) {
            result[name] = fromMatter(property, field);
        }
    }
    return result;
}

const properties = new WeakMap<ValueModel, ReadonlyMap<string, PropertyModel>>();

/** Fields of a structure by name; walking matter.js's models each time would cost more than the request. */
function propertiesOf(model: ValueModel): ReadonlyMap<string, PropertyModel> {
    let known = properties.get(model);
    if (known === undefined) {
        known = new Map(model.properties.map(property => [property.propertyName, property]));
        properties.set(model, known);
    }
    return known;
}

// ---------------------------------------------------------------------------------------------------------- scalars

function integerToMatter(model: ValueModel, value: DeviceValue, path: string): number | bigint {
    if (derivesFrom(model, "epoch-us")) {
        return epochUsToMatter(BigInt(integerLike(value, path)));
    }
    if (derivesFrom(model, "epoch-s")) {
        return epochSToMatter(integer(value, path));
    }
    return isWide(model) ? BigInt(integerLike(value, path)) : integer(value, path);
}

function integerFromMatter(model: ValueModel, value: number | bigint): number | bigint {
    if (derivesFrom(model, "epoch-us")) {
        return epochUsFromMatter(BigInt(value));
    }
    if (derivesFrom(model, "epoch-s")) {
        return epochSFromMatter(Number(value));
    }
    return isWide(model) ? BigInt(value) : Number(value);
}

function bytesToMatter(value: DeviceValue, path: string): Uint8Array {
    if (value instanceof KeyMaterial) {
        return value.reveal();
    }
    if (!(value instanceof Uint8Array)) {
        throw mismatch(path, "an octet string");
    }
    return value;
}

/** 64-bit integers are always bigint, whatever their value, so that equal values compare equal. */
function isWide(model: ValueModel): boolean {
    const name = model.metabase?.name;
    return name === "uint64" || name === "int64";
}

function derivesFrom(model: ValueModel, type: string): boolean {
    for (let base: ValueModel | undefined = model; base !== undefined; base = base.base) {
        if (base.name === type) {
            return true;
        }
    }
    return false;
}

function isBytes(value: object): boolean {
    return value instanceof Uint8Array || value instanceof KeyMaterial;
}

function integerLike(value: DeviceValue, path: string): number | bigint {
    if (typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value))) {
        return value;
    }
    throw mismatch(path, "an integer");
}

function integer(value: DeviceValue, path: string): number {
    const result = integerLike(value, path);
    if (typeof result === "bigint") {
        throw mismatch(path, "an integer of at most 32 bits, as number");
    }
    return result;
}

function requireType<T extends DeviceValue>(value: T, type: "boolean" | "string" | "number", path: string): T {
    if (typeof value !== type) {
        throw mismatch(path, `a ${type}`);
    }
    return value;
}

function mismatch(path: string, expected: string): Error {
    return new ValidationDatatypeMismatchError(`${path} is not ${expected}`, path);
}

// ---------------------------------------------------------------------------------------------------------- bitmaps

interface BitRange {
    readonly name: string;
    readonly lowest: number;
    /** 0 for a single flag, which matter.js shows as a boolean. */
    readonly width: number;
}

/** matter.js shows a bitmap as an object with one member per flag; the wire, and the cores, as a number. */
function flagsOf(model: ValueModel, bits: number): Record<string, boolean | number> {
    const result: Record<string, boolean | number> = {};
    for (const { name, lowest, width } of bitRanges(model)) {
        const field = Math.floor(bits / 2 ** lowest) % 2 ** Math.max(width, 1);
        result[name] = width === 0 ? field === 1 : field;
    }
    return result;
}

function bitsOf(model: ValueModel, value: unknown): number {
    if (typeof value === "number") {
        return value;
    }
    let bits = 0;
    for (const { name, lowest } of bitRanges(model)) {
        bits += Number((value as Record<string, boolean | number>)[name] ?? 0) * 2 ** lowest;
    }
    return bits;
}

function bitRanges(model: ValueModel): BitRange[] {
    return model.fields.map((field: FieldModel) => {
        const name = camelize(field.title ?? field.name);
        const { value, min, max } = field.constraint;
        if (typeof value === "number") {
            return { name, lowest: value, width: 0 };
        }
        if (typeof min === "number" && typeof max === "number") {
            return { name, lowest: min, width: max - min + 1 };
        }
        throw mismatch(name, "a bit field with a known position");
    });
}
