import { Status } from "../../src/core/status.js";
import { AuthMode, commands, LAST_OPERATIONAL_NODE_ID, Privilege, type Field } from "../specification.js";
import { isFields, type Fields, type Value } from "../values.js";

/** The status that refuses a command before its meaning is looked at; SUCCESS if nothing does: shape first, then constraints. */
export function refusalAtTheDoor(command: string, fields: Fields): number {
    const shape = commands.find(({ name }) => name === command);
    if (shape === undefined) {
        return Status.UNSUPPORTED_COMMAND;
    }
    if (!shape.fields.every(field => hasShape(fields[field.name], field))) {
        return Status.INVALID_COMMAND;
    }
    return shape.fields.every(field => isAllowed(fields[field.name], field)) ? Status.SUCCESS : Status.CONSTRAINT_ERROR;
}

const GREATEST: Readonly<Record<string, bigint>> = { uint8: 0xffn, uint16: 0xffffn, uint32: 0xffff_ffffn, uint64: 0xffff_ffff_ffff_ffffn };

function hasShape(value: Value, field: Field): boolean {
    if (value === undefined) {
        return field.optional === true;
    }
    return value === null ? field.nullable === true : isOfType(value, field.type);
}

function isOfType(value: Value, type: Field["type"]): boolean {
    if (type === "string") {
        return typeof value === "string";
    }
    if (type === "octets") {
        return value instanceof Uint8Array;
    }
    if (typeof type === "string") {
        const isWhole = typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
        return isWhole && BigInt(value) >= 0n && BigInt(value) <= GREATEST[type]!;
    }
    if ("listOf" in type) {
        return Array.isArray(value) && value.every((entry: Value) => isOfType(entry, type.listOf));
    }
    return isFields(value) && type.struct.every(field => hasShape(value[field.name], field));
}

function isAllowed(value: Value, field: Field): boolean {
    if (value === undefined || value === null) {
        return true;
    }
    if (typeof value === "number" || typeof value === "bigint") {
        const number = Number(value);
        return number >= (field.min ?? 0) && number <= (field.max ?? Infinity) && (field.values?.includes(number) ?? true);
    }
    if (typeof value === "string") {
        return Buffer.byteLength(value) <= (field.maxLength ?? Infinity);
    }
    if (value instanceof Uint8Array) {
        return value.length <= (field.maxLength ?? Infinity) && value.length === (field.length ?? value.length);
    }
    if (typeof field.type === "object" && "struct" in field.type && isFields(value)) {
        return field.type.struct.every(each => isAllowed(value[each.name], each));
    }
    return true;
}

/** Slots as KeySetWrite wants them: unusable sets are refused here, since no node would ever take them. */
export function hasUsableSlots(set: Fields): boolean {
    const keys = [0, 1, 2].map(slot => set[`epochKey${slot}`]);
    const starts = [0, 1, 2].map(slot => set[`epochStartTime${slot}`]);
    const arePaired = keys.every((key, slot) => (key === null) === (starts[slot] === null));
    const used = starts.filter(start => start !== null).map(start => BigInt(start as bigint));
    const areIncreasing = used.every((start, at) => at === 0 || start > used[at - 1]!);
    const hasNoGap = keys.every((key, slot) => key !== null || keys.slice(slot).every(later => later === null));
    return arePaired && areIncreasing && hasNoGap && used[0] !== undefined && used[0] !== 0n;
}

/** A binding to an endpoint of a node, or to a group, and nothing else. */
export function isBindingTarget({ node, group, endpoint }: Fields): boolean {
    const isUnicast = node !== undefined && endpoint !== undefined && group === undefined;
    return isUnicast || (typeof group === "number" && group >= 1 && node === undefined && endpoint === undefined);
}

/** An access control entry that a device can hold. */
export function aclRefusal({ privilege, authMode, subjects, targets }: Fields): number {
    const subjectList = (subjects ?? []) as readonly (bigint | number)[];
    const targetList = (targets ?? []) as readonly Fields[];
    const isImpossible =
        authMode === AuthMode.PASE ||
        (authMode === AuthMode.GROUP && privilege === Privilege.ADMINISTER) ||
        !subjectList.every(subject => isSubject(BigInt(subject), authMode)) ||
        !targetList.every(({ cluster, endpoint, deviceType }) => {
            const isEmpty = cluster === null && endpoint === null && deviceType === null;
            return !isEmpty && (endpoint === null || deviceType === null);
        });
    if (isImpossible) {
        return Status.CONSTRAINT_ERROR;
    }
    return subjectList.length > MAX_SUBJECTS || targetList.length > MAX_TARGETS ? Status.RESOURCE_EXHAUSTED : Status.SUCCESS;
}

const MAX_SUBJECTS = 32;
const MAX_TARGETS = 32;

function isSubject(subject: bigint, authMode: Value): boolean {
    if (authMode === AuthMode.GROUP) {
        return subject >= 1n && subject <= 0xffffn;
    }
    const isCat = subject >> 32n === 0xffff_fffdn && (subject & 0xffffn) !== 0n;
    return isCat || isOperational(subject);
}

export function isOperational(nodeId: bigint): boolean {
    return nodeId >= 1n && nodeId <= LAST_OPERATIONAL_NODE_ID;
}

