import { GroupKeyManagement } from "../core/clusters.js";
import type { AttributePath, DeviceFields } from "../core/device.js";
import { ok } from "../core/error.js";
import type { GroupId, KeySetId } from "../core/ids.js";
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
import { Limits } from "../core/limits.js";
import { statusFailure } from "../core/outcome.js";
import { Status } from "../core/status.js";
import { groupTable } from "./capacity-tables.js";
import { ROOT_ENDPOINT } from "./group-key-management.js";
import { GROUP_KEY } from "./group-key.js";
import { isFailure, listOf, noRoom, readOf, refusedWrite, writeOf } from "./list-write.js";
import { integerField, invalidIntent, isRecord } from "./validation.js";

/** The group's messages are protected by this key set. */
export interface GroupKeyMapIntent {
    readonly groupId: GroupId;
    readonly keySetId: KeySetId;
}

/** Name of the kind {@link groupKeyMap}. */
export const GROUP_KEY_MAP = "groupKeyMap";

const PATH: AttributePath = { endpoint: ROOT_ENDPOINT, cluster: GroupKeyManagement.id, attribute: GroupKeyManagement.attributes.groupKeyMap };

/** One entry of a node's GroupKeyMap (section 11.2.6.1): one key set per group. Naming the group claims its entry. */
export const groupKeyMap: Kind<GroupKeyMapIntent> = {
    name: GROUP_KEY_MAP,
    applyOrder: 20,
    removeOrder: 30,
    capacity: { table: groupTable, rowOf: intent => intent.groupId },

    validate(intent) {
        if (!isRecord(intent)) {
            return invalidIntent(GROUP_KEY_MAP, "the intent must be an object { groupId, keySetId }")!;
        }
        const invalid = invalidIntent(
            GROUP_KEY_MAP,
            integerField(intent, "groupId", 1, 0xfeff),
            intent["keySetId"] === 0 ? '"keySetId" 0 is the IPK: no group may use it' : integerField(intent, "keySetId", 1, 0xffff),
        );
        return invalid ?? ok({ groupId: intent["groupId"] as GroupId, keySetId: intent["keySetId"] as KeySetId });
    },

    keyOf: intent => [intent.groupId],
    equal: (a, b) => a.groupId === b.groupId && a.keySetId === b.keySetId,
    dependsOn: intent => [{ kind: GROUP_KEY, key: [intent.keySetId] }],
    watch: () => [PATH],

    *apply({ intent, limit }: OperationContext<GroupKeyMapIntent>): Operation<OperationResult> {
        return yield* edit("writing GroupKeyMap", limit, entries => {
            const present = entries.find(entry => entry["groupId"] === intent.groupId);
            if (present !== undefined && present["groupKeySetId"] === intent.keySetId) {
                return null;
            }
            return [
                ...entries.filter(entry => entry["groupId"] !== intent.groupId),
                { groupId: intent.groupId, groupKeySetId: intent.keySetId },
            ];
        });
    },

    *verify({ intent }: OperationContext<GroupKeyMapIntent>): Operation<VerifyResult> {
        const read = listOf(yield readOf(PATH), "reading GroupKeyMap");
        if (isFailure(read)) {
            return unread(read);
        }
        const entry = read.entries.find(candidate => candidate["groupId"] === intent.groupId);
        return entry !== undefined && entry["groupKeySetId"] === intent.keySetId ? holds : differs;
    },

    *remove({ intent, limit }: OperationContext<GroupKeyMapIntent>): Operation<OperationResult> {
        return yield* edit("removing from GroupKeyMap", limit, entries =>
            entries.some(entry => entry["groupId"] === intent.groupId)
                ? entries.filter(entry => entry["groupId"] !== intent.groupId)
                : null,
        );
    },
};

/** Read, change, and write back on condition that nobody wrote in between. `change` returns null when nothing is to be written. */
function* edit(
    doing: string,
    limit: number | null,
    change: (entries: readonly DeviceFields[]) => readonly DeviceFields[] | null,
): Operation<OperationResult> {
    for (let attempt = 0; ; attempt++) {
        const read = listOf(yield readOf(PATH), doing);
        if (isFailure(read)) {
            return failed(read);
        }
        const entries = change(read.entries);
        if (entries === null) {
            return done;
        }
        if (limit !== null && entries.length > limit) {
            return failed(noRoom("GroupKeyMap", limit, entries.length));
        }
        const status = answerStatus(yield writeOf(PATH, entries, read.dataVersion));
        if (status === Status.SUCCESS) {
            return done;
        }
        if (status !== Status.DATA_VERSION_MISMATCH) {
            return yield* refusedWrite(PATH, status, doing, read.entries, entries);
        }
        if (attempt >= Limits.versionMismatchRetries) {
            return failed(statusFailure(status, doing));
        }
    }
}
