import type { ItemIdentity } from "../../src/core/identity.js";
import type { Deed } from "../administrator.js";
import type { Bed } from "../bed.js";
import type { NodeName } from "../bed-world.js";
import type { DeviceTruth } from "../device-truth.js";
import type { WriteName } from "../request-name.js";

/** An intent, and the item that it makes. */
export interface Wish extends ItemIdentity {
    readonly intent: object;
}

/**
 * What the stories that are told of every kind need to know about one of them. The story's item is the same in all of them; another administrator looks after
 * something of its own in the same place.
 */
export interface KindCase {
    /** As facts name it: "a key set". */
    readonly what: string;
    /** Where its part of each story takes place. */
    readonly node: NodeName;
    /** What the fabric needs before anything can be wished for. */
    prepare?(bed: Bed): Promise<void>;
    /** Items that the story's needs, in an order in which they can be set. */
    readonly needs: readonly Wish[];
    /** The story's item. */
    readonly item: Wish;
    /** Items that need the story's. */
    readonly neededBy: readonly Wish[];
    /** The same item with another content; absent when the kind has none under the same key. */
    readonly changed?: Wish;
    /** The items are entries of a list that is read and written back whole. */
    readonly isList: boolean;
    /** The item belongs to the second switch's endpoint. */
    readonly isOnEndpoint: boolean;
    /** Another item with the same content: both share what is on the device. Absent when a content makes one item only. */
    readonly twin?: Wish;
    /** What applies the item, and what removes it. */
    readonly apply: WriteName;
    readonly remove: WriteName;
    /** What the device has of the item, in plain data; undefined: nothing. */
    content(truth: DeviceTruth): unknown;
    /** `content` of the item, and of `changed`. */
    readonly contents: { readonly item: unknown; readonly changed?: unknown };
    /** How another administrator fills the table that the item takes a row of, and makes room; absent when devices have no limit there. */
    readonly full?: {
        readonly fill: readonly Deed[];
        readonly room: readonly Deed[];
        /** An attribute changes when there is room. */
        readonly isReported: boolean;
    };
    /** Another administrator undoes it. The node reports that. */
    readonly undo: readonly Deed[];
    /** And puts it back. */
    readonly redo: readonly Deed[];
    /** What the other administrator has there for itself. */
    readonly theirs: readonly Deed[];
    /** And how it takes that away again. */
    readonly theirsGone: readonly Deed[];
    /** Whether the device has that. */
    hasTheirs(truth: DeviceTruth): boolean;
}

/** Everything of a case that the manager is asked for, in an order in which it can be set. */
export function wishesOf({ needs, item, neededBy }: KindCase): readonly Wish[] {
    return [...needs, item, ...neededBy];
}
