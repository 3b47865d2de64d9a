/** As much of TLV (core appendix A) as certificates need: anonymous and context-specific tags, unsigned integers, booleans, octet strings and containers. */

const ElementType = { UINT8: 0x04, FALSE: 0x08, TRUE: 0x09, BYTES8: 0x10, BYTES16: 0x11, STRUCTURE: 0x15, ARRAY: 0x16, LIST: 0x17, END: 0x18 } as const;
const CONTEXT_TAG = 0x20;

export type TlvValue = bigint | boolean | Uint8Array | TlvContainer;

/** Elements in order; the tag is -1 for an anonymous one. */
export interface TlvContainer {
    readonly type: "structure" | "array" | "list";
    readonly elements: readonly TlvElement[];
}

export type TlvElement = readonly [tag: number, value: TlvValue];

const containerTypes: Readonly<Record<TlvContainer["type"], number>> = {
    structure: ElementType.STRUCTURE,
    array: ElementType.ARRAY,
    list: ElementType.LIST,
};

export function encodeTlv(value: TlvValue, tag = -1): Uint8Array {
    const bytes: number[] = [];
    append(bytes, tag, value);
    return Uint8Array.from(bytes);
}

function append(bytes: number[], tag: number, value: TlvValue): void {
    const head = (type: number) => (tag < 0 ? bytes.push(type) : bytes.push(CONTEXT_TAG | type, tag));
    if (typeof value === "boolean") {
        head(value ? ElementType.TRUE : ElementType.FALSE);
    } else if (typeof value === "bigint") {
        const log = value <= 0xffn ? 0 : value <= 0xffffn ? 1 : value <= 0xffff_ffffn ? 2 : 3;
        head(ElementType.UINT8 + log);
        for (let byte = 0; byte < 1 << log; byte++) {
            bytes.push(Number((value >> BigInt(8 * byte)) & 0xffn));
        }
    } else if (value instanceof Uint8Array) {
        head(value.length <= 0xff ? ElementType.BYTES8 : ElementType.BYTES16);
        bytes.push(value.length & 0xff);
        if (value.length > 0xff) {
            bytes.push(value.length >>> 8);
        }
        bytes.push(...value);
    } else {
        head(containerTypes[value.type]);
        for (const [innerTag, inner] of value.elements) {
            append(bytes, innerTag, inner);
        }
        bytes.push(ElementType.END);
    }
}

/** The one element that the bytes are; undefined for anything else. */
export function decodeTlv(bytes: Uint8Array): TlvValue | undefined {
    const reader = new Reader(bytes);
    const element = reader.next();
    return element !== undefined && element !== "end" && reader.isAtEnd ? element[1] : undefined;
}

/** The element of this tag; undefined when there is none, or no container. */
export function tlvField(container: TlvValue | undefined, tag: number): TlvValue | undefined {
    return isContainer(container) ? container.elements.find(([each]) => each === tag)?.[1] : undefined;
}

export function isContainer(value: TlvValue | undefined): value is TlvContainer {
    return typeof value === "object" && !(value instanceof Uint8Array);
}

class Reader {
    #at = 0;

    constructor(private readonly bytes: Uint8Array) {}

    get isAtEnd(): boolean {
        return this.#at === this.bytes.length;
    }

    /** Undefined for what cannot be read. */
    next(): TlvElement | "end" | undefined {
        const control = this.#integer(1);
        if (control === BigInt(ElementType.END)) {
            return "end";
        }
        const hasTag = control !== undefined && (Number(control) & 0xe0) === CONTEXT_TAG;
        const tag = hasTag ? this.#integer(1) : -1n;
        if (control === undefined || tag === undefined || (!hasTag && control > 0x1fn)) {
            return undefined;
        }
        const value = this.#value(Number(control) & 0x1f);
        return value === undefined ? undefined : [Number(tag), value];
    }

    #value(type: number): TlvValue | undefined {
        switch (type) {
            case ElementType.UINT8:
            case ElementType.UINT8 + 1:
            case ElementType.UINT8 + 2:
            case ElementType.UINT8 + 3:
                return this.#integer(1 << (type - ElementType.UINT8));
            case ElementType.FALSE:
            case ElementType.TRUE:
                return type === ElementType.TRUE;
            case ElementType.BYTES8:
            case ElementType.BYTES16:
                return this.#octets(type === ElementType.BYTES8 ? 1 : 2);
            case ElementType.STRUCTURE:
                return this.#container("structure");
            case ElementType.ARRAY:
                return this.#container("array");
            case ElementType.LIST:
                return this.#container("list");
            default:
                return undefined;
        }
    }

    #container(type: TlvContainer["type"]): TlvContainer | undefined {
        const elements: TlvElement[] = [];
        for (;;) {
            const element = this.next();
            if (element === "end") {
                return { type, elements };
            }
            if (element === undefined) {
                return undefined;
            }
            elements.push(element);
        }
    }

    #octets(lengthBytes: number): Uint8Array | undefined {
        const length = this.#integer(lengthBytes);
        if (length === undefined || this.#at + Number(length) > this.bytes.length) {
            return undefined;
        }
        this.#at += Number(length);
        return this.bytes.slice(this.#at - Number(length), this.#at);
    }

    /** Little-endian. */
    #integer(size: number): bigint | undefined {
        if (this.#at + size > this.bytes.length) {
            return undefined;
        }
        let value = 0n;
        for (let byte = size - 1; byte >= 0; byte--) {
            value = (value << 8n) | BigInt(this.bytes[this.#at + byte]!);
        }
        this.#at += size;
        return value;
    }
}
