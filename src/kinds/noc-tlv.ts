/**
 * A reader of TLV (core specification, appendix A), as much as certificates need: elements with anonymous or context-specific tags. What comes
 * from a device or an issuer may be anything, so that nothing here throws.
 */
export type TlvValue = bigint | boolean | null | Uint8Array | readonly TlvElement[];

/** One member of a container; tag -1 for an anonymous one. */
export interface TlvElement {
    readonly tag: number;
    readonly value: TlvValue;
}

/** The one element that the bytes are; undefined for anything else. */
export function readTlv(bytes: Uint8Array): TlvElement | undefined {
    const at = { bytes, position: 0 };
    const element = readElement(at, MAX_DEPTH);
    return typeof element === "object" && at.position === bytes.length ? element : undefined;
}

/** The first member of this tag. */
export function member(container: TlvValue | undefined, tag: number): TlvValue | undefined {
    return isContainer(container) ? container.find(element => element.tag === tag)?.value : undefined;
}

export function isContainer(value: TlvValue | undefined): value is readonly TlvElement[] {
    return Array.isArray(value);
}

/** Certificates nest five deep; more is no certificate. */
const MAX_DEPTH = 8;

interface Cursor {
    readonly bytes: Uint8Array;
    position: number;
}

/** Element types (section A.7.1); the lowest two bits of integers and strings give the width of the integer, or of the length. */
const Type = { SIGNED: 0x00, UNSIGNED: 0x04, FALSE: 0x08, TRUE: 0x09, TEXT: 0x0c, OCTETS: 0x10, NULL: 0x14, STRUCTURE: 0x15, LIST: 0x17, END: 0x18 } as const;
const ANONYMOUS_TAG = 0x00;
const CONTEXT_TAG = 0x20;

/** `"end"` for the end of a container, undefined for what cannot be read. */
function readElement(at: Cursor, depth: number): TlvElement | "end" | undefined {
    const control = readInteger(at, 1);
    if (control === undefined) {
        return undefined;
    }
    const type = Number(control) & 0x1f;
    const form = Number(control) & 0xe0;
    if (type === Type.END && form === ANONYMOUS_TAG) {
        return "end";
    }
    const tag = form === CONTEXT_TAG ? readInteger(at, 1) : form === ANONYMOUS_TAG ? -1n : undefined;
    const value = tag === undefined ? undefined : readValue(at, type, depth);
    return value === undefined ? undefined : { tag: Number(tag), value };
}

function readValue(at: Cursor, type: number, depth: number): TlvValue | undefined {
    if (type < Type.FALSE) {
        const width = 1 << (type & 3);
        const value = readInteger(at, width);
        return value === undefined || type >= Type.UNSIGNED ? value : BigInt.asIntN(8 * width, value);
    }
    if (type === Type.FALSE || type === Type.TRUE) {
        return type === Type.TRUE;
    }
    if (type >= Type.TEXT && type < Type.NULL) {
        return readOctets(at, readInteger(at, 1 << (type & 3)));
    }
    if (type === Type.NULL) {
        return null;
    }
    return type >= Type.STRUCTURE && type <= Type.LIST && depth > 0 ? readMembers(at, depth - 1) : undefined;
}

function readMembers(at: Cursor, depth: number): TlvValue | undefined {
    const members: TlvElement[] = [];
    for (;;) {
        const element = readElement(at, depth);
        if (element === "end") {
            return members;
        }
        if (element === undefined) {
            return undefined;
        }
        members.push(element);
    }
}

function readOctets(at: Cursor, length: bigint | undefined): Uint8Array | undefined {
    if (length === undefined || length > BigInt(at.bytes.length - at.position)) {
        return undefined;
    }
    at.position += Number(length);
    return at.bytes.slice(at.position - Number(length), at.position);
}

/** Little-endian, unsigned. */
function readInteger(at: Cursor, width: number): bigint | undefined {
    if (at.position + width > at.bytes.length) {
        return undefined;
    }
    let value = 0n;
    for (let byte = width - 1; byte >= 0; byte--) {
        value = (value << 8n) | BigInt(at.bytes[at.position + byte]!);
    }
    at.position += width;
    return value;
}
