import { GroupKeyManagement, Groups } from "../core/clusters.js";
import type { DeviceFields, InvokeRequest } from "../core/device.js";
import { ok } from "../core/error.js";
import type { EndpointNumber, GroupId } from "../core/ids.js";
import {
    answerStatus,
    differs,
    done,
    failed,
    holds,
    unread,
    type Kind,
    type KindAnswer,
    type Operation,
    type OperationContext,
    type OperationResult,
    type VerifyResult,
} from "../core/kind.js";
import { statusFailure, type OperationFailure } from "../core/outcome.js";
import { Status } from "../core/status.js";
import { groupTable } from "./capacity-tables.js";
import { GROUP_KEY_MAP } from "./group-key-map.js";
import { groupKeyQuery, readGroupKeyManagement, ROOT_ENDPOINT } from "./group-key-management.js";
import { isFailure, listOf } from "./list-write.js";
import { integerField, invalidIntent, isRecord } from "./validation.js";

/** The endpoint is a member of the group. */
export interface GroupMembershipIntent {
    readonly endpoint: EndpointNumber;
    readonly groupId: GroupId;
    /** At most 16 bytes of UTF-8; empty: unnamed. Devices without the feature GroupNames ignore it, so it is not verified. */
    readonly name: string;
}

/** Name of the kind {@link groupMembership}. */
export const GROUP_MEMBERSHIP = "groupMembership";

/** The name's limit in UTF-8 bytes (application cluster specification, section 1.3.7.1). */
const NAME_BYTES = 16;
const { commands } = Groups;

/** Membership of one endpoint in one group (application cluster specification, section 1.3); it is intact with the group's key only. */
export const groupMembership: Kind<GroupMembershipIntent> = {
    name: GROUP_MEMBERSHIP,
    applyOrder: 30,
    removeOrder: 20,
    capacity: { table: groupTable, rowOf: intent => intent.groupId },

    validate(intent) {
        if (!isRecord(intent)) {
            return invalidIntent(GROUP_MEMBERSHIP, "the intent must be an object { endpoint, groupId, name? }")!;
        }
        const name = intent["name"] ?? "";
        const invalid = invalidIntent(
            GROUP_MEMBERSHIP,
            integerField(intent, "endpoint", 0, 0xfffe),
            integerField(intent, "groupId", 1, 0xfeff),
            typeof name === "string" && utf8Length(name) <= NAME_BYTES ? null : `"name" must be a text of at most ${NAME_BYTES} bytes`,
        );
        return (
            invalid ??
            ok({ endpoint: intent["endpoint"] as EndpointNumber, groupId: intent["groupId"] as GroupId, name: name as string })
        );
    },

    keyOf: intent => [intent.endpoint, intent.groupId],
    equal: (a, b) => a.endpoint === b.endpoint && a.groupId === b.groupId && a.name === b.name,
    dependsOn: intent => [{ kind: GROUP_KEY_MAP, key: [intent.groupId] }],
    watch: () => [
        { endpoint: ROOT_ENDPOINT, cluster: GroupKeyManagement.id, attribute: GroupKeyManagement.attributes.groupTable },
        { endpoint: ROOT_ENDPOINT, cluster: GroupKeyManagement.id, attribute: GroupKeyManagement.attributes.groupKeyMap },
    ],

    *apply({ intent }: OperationContext<GroupMembershipIntent>): Operation<OperationResult> {
        const answer = yield invoke(intent, commands.addGroup, { groupId: intent.groupId, groupName: intent.name }, false);
        const status = payloadStatus(answer);
        return status === Status.SUCCESS ? done : failed(addFailure(answer, status));
    },

    *verify({ intent }: OperationContext<GroupMembershipIntent>): Operation<VerifyResult> {
        // All groups of the endpoint at once: one read serves every membership there.
        const answer = yield invoke(intent, commands.getGroupMembership, { groupList: [] }, true);
        if (answer.kind !== "response") {
            const failure = statusFailure(payloadStatus(answer), "GetGroupMembership");
            return failure.class === "notApplicable" ? differs : unread(failure);
        }
        const { groupList } = answer.fields;
        return Array.isArray(groupList) && groupList.includes(intent.groupId) ? yield* verifyKey(intent.groupId) : differs;
    },

    *remove({ intent }: OperationContext<GroupMembershipIntent>): Operation<OperationResult> {
        const answer = yield invoke(intent, commands.removeGroup, { groupId: intent.groupId }, false);
        const status = payloadStatus(answer);
        return status === Status.SUCCESS || status === Status.NOT_FOUND ? done : failed(statusFailure(status, "RemoveGroup"));
    },
};

/** Members without the group's key hear nothing. KeySetRemove takes key and map entry away and leaves the group table as it is (section 11.2.7.4). */
function* verifyKey(groupId: GroupId): Operation<VerifyResult> {
    const map = listOf(yield readGroupKeyManagement(GroupKeyManagement.attributes.groupKeyMap), "reading GroupKeyMap");
    if (isFailure(map)) {
        return unread(map);
    }
    const entry = map.entries.find(candidate => candidate["groupId"] === groupId);
    if (entry === undefined) {
        return differs;
    }
    const keySet = yield groupKeyQuery(GroupKeyManagement.commands.keySetRead, { groupKeySetId: entry["groupKeySetId"] as number });
    if (keySet.kind === "response") {
        return holds;
    }
    const status = answerStatus(keySet);
    return status === Status.NOT_FOUND ? differs : unread(statusFailure(status, "KeySetRead"));
}

/** In the payload of AddGroup, UNSUPPORTED_ACCESS means that the group has no key mapping yet (section 1.3.7.1). */
function addFailure(answer: KindAnswer, status: number): OperationFailure {
    if (answer.kind === "response" && status === Status.UNSUPPORTED_ACCESS) {
        return { class: "notApplicable", code: status, message: "AddGroup: the group has no key on this node yet" };
    }
    return statusFailure(status, "AddGroup");
}

function invoke({ endpoint }: GroupMembershipIntent, command: number, fields: DeviceFields, query: boolean): InvokeRequest {
    return { op: "invoke", endpoint, cluster: Groups.id, command, fields, query };
}

/** Groups commands tell failure inside the response. */
function payloadStatus(answer: KindAnswer): number {
    if (answer.kind === "response") {
        const { status } = answer.fields;
        return typeof status === "number" ? status : Status.FAILURE;
    }
    return answerStatus(answer);
}

function utf8Length(text: string): number {
    let length = 0;
    for (const character of text) {
        const code = character.codePointAt(0)!;
        length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    }
    return length;
}
