import { GroupKeyManagement } from "../core/clusters.js";
import type { DeviceFields } from "../core/device.js";
import { ok } from "../core/error.js";
import type { KeySetId } from "../core/ids.js";
import {
    answerStatus,
    differs,
    done,
    failed,
    holds,
    unread,
    type Kind,
    type Operation,
    type OperationContext,
    type OperationResult,
    type VerifyResult,
} from "../core/kind.js";
import type { KeySetRevision } from "../core/records.js";
import { statusFailure } from "../core/outcome.js";
import { Status } from "../core/status.js";
import { keySetTable } from "./capacity-tables.js";
import { groupKeyCommand, groupKeyQuery, readGroupKeyManagement, ROOT_ENDPOINT } from "./group-key-management.js";
import { integerField, invalidIntent, isRecord } from "./validation.js";

/** The node is to hold this revision of a key set. */
export interface GroupKeyIntent {
    readonly keySetId: KeySetId;
    readonly revision: number;
}

/** Name of the kind {@link groupKey}. */
export const GROUP_KEY = "groupKey";

const { attributes, commands } = GroupKeyManagement;
const slotNames = [
    ["epochKey0", "epochStartTime0"],
    ["epochKey1", "epochStartTime1"],
    ["epochKey2", "epochStartTime2"],
] as const;

/**
 * A group key set on a node (section 11.2). Keys cannot be read back: what identifies them is the set of their start times, so a
 * pending one is always written, and a read only verifies. Key set 0, the IPK, is not of this kind.
 */
export const groupKey: Kind<GroupKeyIntent> = {
    name: GROUP_KEY,
    applyOrder: 10,
    removeOrder: 40,
    capacity: { table: keySetTable, rowOf: intent => intent.keySetId },

    validate(intent) {
        if (!isRecord(intent)) {
            return invalidIntent(GROUP_KEY, "the intent must be an object { keySetId, revision }")!;
        }
        if (intent["keySetId"] === 0) {
            return invalidIntent(GROUP_KEY, '"keySetId" 0 is the IPK, which only its own task rotates')!;
        }
        const invalid = invalidIntent(
            GROUP_KEY,
            integerField(intent, "keySetId", 1, 0xffff),
            integerField(intent, "revision", 1, Number.MAX_SAFE_INTEGER),
        );
        return invalid ?? ok({ keySetId: intent["keySetId"] as KeySetId, revision: intent["revision"] as number });
    },

    keyOf: intent => [intent.keySetId],
    equal: (a, b) => a.keySetId === b.keySetId && a.revision === b.revision,
    dependsOn: () => [],
    keySetOf: intent => intent,
    // A key set has no attribute. Removing one changes the map if a group used it, so the map's reports are the best sign there is.
    isWatchPartial: true,
    watch: () => [{ endpoint: ROOT_ENDPOINT, cluster: GroupKeyManagement.id, attribute: attributes.groupKeyMap }],

    *apply({ intent, keySet }: OperationContext<GroupKeyIntent>): Operation<OperationResult> {
        const revision = keySet(intent.keySetId, intent.revision);
        if (revision === undefined) {
            return failed({ class: "terminal", message: `revision ${intent.revision} of key set ${intent.keySetId} is erased: set a newer one` });
        }
        const answer = yield groupKeyCommand(commands.keySetWrite, { groupKeySet: keySetFields(intent.keySetId, revision) });
        return answer.kind === "status" && answer.status === Status.SUCCESS ? done : failed(statusFailure(answerStatus(answer), "KeySetWrite"));
    },

    *verify({ intent, keySet }: OperationContext<GroupKeyIntent>): Operation<VerifyResult> {
        const answer = yield groupKeyQuery(commands.keySetRead, { groupKeySetId: intent.keySetId });
        if (answer.kind !== "response") {
            const status = answerStatus(answer);
            return status === Status.NOT_FOUND ? differs : unread(statusFailure(status, "KeySetRead"));
        }
        const revision = keySet(intent.keySetId, intent.revision);
        return revision !== undefined && sameStartTimes(answer.fields["groupKeySet"] as DeviceFields, revision) ? holds : differs;
    },

    *remove({ intent, wanted }: OperationContext<GroupKeyIntent>): Operation<OperationResult> {
        // KeySetRemove deletes every map entry that uses the set, whoever wrote it.
        const map = yield readGroupKeyManagement(attributes.groupKeyMap);
        if (map.kind !== "value") {
            return failed(statusFailure(answerStatus(map), "reading GroupKeyMap before KeySetRemove"));
        }
        const foreign = (map.value as readonly DeviceFields[]).find(
            entry => entry["groupKeySetId"] === intent.keySetId && wanted({ kind: "groupKeyMap", key: [entry["groupId"] as number] }) === undefined,
        );
        if (foreign !== undefined) {
            return failed({
                class: "terminal",
                message: `another administrator maps group ${foreign["groupId"] as number} to key set ${intent.keySetId}, and KeySetRemove would delete that: not removed`,
            });
        }
        const answer = yield groupKeyCommand(commands.keySetRemove, { groupKeySetId: intent.keySetId });
        const status = answerStatus(answer);
        return status === Status.SUCCESS || status === Status.NOT_FOUND ? done : failed(statusFailure(status, "KeySetRemove"));
    },
};

/** GroupKeySetStruct (section 11.2.5.4) of a revision; unused slots are null. */
export function keySetFields(keySetId: KeySetId, { policy, slots }: KeySetRevision): DeviceFields {
    const fields: Record<string, DeviceFields[string]> = { groupKeySetId: keySetId, groupKeySecurityPolicy: policy };
    for (const [index, [key, startTime]] of slotNames.entries()) {
        const slot = slots[index];
        fields[key] = slot?.key ?? null;
        fields[startTime] = slot?.startTime ?? null;
    }
    return fields;
}

/** The set of start times is what identifies a key set's keys. */
export function sameStartTimes(onDevice: DeviceFields, { slots }: KeySetRevision): boolean {
    return slotNames.every(([, startTime], index) => (onDevice[startTime] ?? null) === (slots[index]?.startTime ?? null));
}
