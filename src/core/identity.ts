import type { NodeId } from "./ids.js";

/** One part of an {@link ItemKey}. */
export type KeyPart = number | string;
/** A canonical key within a kind, of the kind's own making: numbers and strings in a fixed order. */
export type ItemKey = readonly KeyPart[];

/** Names one item on one node. */
export interface ItemIdentity {
    readonly kind: string;
    readonly key: ItemKey;
}

/** One text per identity and one identity per text: strings are quoted, so no part can imitate a separator. */
export function identityText(kind: string, key: ItemKey): string {
    let text = kind;
    for (const part of key) {
        text += typeof part === "number" ? `/${part}` : `/${JSON.stringify(part)}`;
    }
    return text;
}

/** Same, for what a run must own exclusively. */
export type Slot = readonly (KeyPart | bigint)[];

export function slotText(slot: Slot): string {
    return slot.map(part => (typeof part === "bigint" ? nodeText(part as NodeId) : JSON.stringify(part))).join("/");
}

/** A node id as people write it. */
export function nodeText(node: NodeId): string {
    return `0x${node.toString(16)}`;
}
