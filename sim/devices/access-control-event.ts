import { sameEntry, type AccessControlEntry } from "./access-control-entry.js";

/** ChangeTypeEnum (core section 9.10.5.1). */
export const ChangeType = { CHANGED: 0, ADDED: 1, REMOVED: 2 } as const;

/** AccessControlEntryChanged (section 9.10.9.1). */
export interface AccessControlEntryChanged {
    /** Null for a change that came over no CASE session. */
    readonly adminNodeId: bigint | null;
    readonly changeType: number;
    readonly latestValue: AccessControlEntry;
}

/**
 * Entries have no id, so a list that replaces another is compared place by place; what is beyond its end goes last first. (connectedhomeip and matter.js do so too,
 * and tell of entries that are the same as before as well.)
 */
export function eventsOf(
    before: readonly AccessControlEntry[],
    after: readonly AccessControlEntry[],
    adminNodeId: bigint | null,
): readonly AccessControlEntryChanged[] {
    const events: AccessControlEntryChanged[] = [];
    for (const [place, latestValue] of after.entries()) {
        const old = before[place];
        if (old === undefined || !sameEntry(old, latestValue)) {
            events.push({ adminNodeId, changeType: old === undefined ? ChangeType.ADDED : ChangeType.CHANGED, latestValue });
        }
    }
    for (const latestValue of before.slice(after.length).reverse()) {
        events.push({ adminNodeId, changeType: ChangeType.REMOVED, latestValue });
    }
    return events;
}
