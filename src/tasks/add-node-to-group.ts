import { ok, refuse, type Result } from "../core/error.js";
import type { EndpointNumber, GroupId, KeySetId, NodeId } from "../core/ids.js";
import { KeyMaterial } from "../core/key-material.js";
import { GROUP_KEY, GROUP_KEY_MAP, GROUP_MEMBERSHIP, groupKey, groupKeyMap, groupMembership } from "../kinds/index.js";
import type { Draw, KeySetDraft, Prepared, TaskDefinition, View, Wanted } from "./definition.js";

/** Parameters of {@link addNodeToGroup}. */
export interface AddNodeToGroupParams {
    readonly node: NodeId;
    /** The endpoint that is to act on the group's messages; it needs a Groups server. */
    readonly endpoint: number;
    /** 1 to 0xFEFF. */
    readonly groupId: number;
    /** At most 16 bytes of UTF-8. */
    readonly groupName?: string;
    /** 1 to 0xFFFF. The set's present key is used if the fabric has one, else a new one is made. */
    readonly keySetId: number;
    /** 16 bytes, for a key set that does not exist yet; default: random. */
    readonly epochKey?: Uint8Array;
}

interface Stored {
    readonly node: NodeId;
    readonly endpoint: EndpointNumber;
    readonly groupId: GroupId;
    readonly groupName: string;
    readonly keySetId: KeySetId;
}

interface Drawn {
    readonly revision: number;
}

/** Name of the task {@link addNodeToGroup}. */
export const ADD_NODE_TO_GROUP = "addNodeToGroup";

/** Makes an endpoint of a node a member of a group: key set, key map entry and membership, in this order. */
export const addNodeToGroup: TaskDefinition<AddNodeToGroupParams, Stored, Drawn> = {
    type: ADD_NODE_TO_GROUP,
    version: 1,

    validate(input) {
        if (typeof input !== "object" || input === null) {
            return invalid("the parameters must be an object { node, endpoint, groupId, keySetId, groupName?, epochKey? }");
        }
        const params = input as AddNodeToGroupParams;
        if (typeof params.node !== "bigint") {
            return invalid('"node" must be a node id (bigint)');
        }
        if (params.epochKey !== undefined && !(params.epochKey instanceof Uint8Array && params.epochKey.length === KeyMaterial.LENGTH)) {
            return invalid(`"epochKey" must be ${KeyMaterial.LENGTH} bytes`);
        }
        const { endpoint, groupId, keySetId, groupName } = params;
        for (const checked of [
            groupKey.validate({ keySetId, revision: 1 }),
            groupKeyMap.validate({ groupId, keySetId }),
            groupMembership.validate({ endpoint, groupId, name: groupName ?? "" }),
        ]) {
            if (!checked.ok) {
                return invalid(checked.error.message);
            }
        }
        return ok(params);
    },

    prepare(input, view, draw) {
        const keySetId = input.keySetId as KeySetId;
        const params: Stored = {
            node: input.node,
            endpoint: input.endpoint as EndpointNumber,
            groupId: input.groupId as GroupId,
            groupName: input.groupName ?? "",
            keySetId,
        };
        const present = view.keySet(keySetId);
        return present === undefined ? ok(newKeySet(params, input.epochKey, draw)) : usePresent(params, input.epochKey, present);
    },

    restore(params, drawn) {
        const stored = params as Partial<Stored>;
        const checked = addNodeToGroup.validate(stored);
        if (!checked.ok) {
            return checked;
        }
        const { revision } = drawn as Partial<Drawn>;
        return Number.isInteger(revision) ? ok({ params: stored as Stored, drawn: drawn as Drawn }) : invalid('"revision" must be an integer');
    },

    slots: ({ node, endpoint, groupId }) => [[ADD_NODE_TO_GROUP, node, endpoint, groupId]],
    nodes: ({ node }) => [node],
    planned: wantedItems,

    phases: (params, drawn) => [
        {
            name: "provision",
            changes: () => wantedItems(params, drawn),
            until: () => ({
                items: [
                    { node: params.node, kind: GROUP_KEY, key: [params.keySetId], is: "committed" },
                    { node: params.node, kind: GROUP_KEY_MAP, key: [params.groupId], is: "committed" },
                    { node: params.node, kind: GROUP_MEMBERSHIP, key: [params.endpoint, params.groupId], is: "committed" },
                ],
            }),
        },
    ],
};

function wantedItems({ node, endpoint, groupId, groupName, keySetId }: Stored, { revision }: Drawn): Wanted[] {
    return [
        { op: "set", node, kind: GROUP_KEY, intent: { keySetId, revision } },
        { op: "set", node, kind: GROUP_KEY_MAP, intent: { groupId, keySetId } },
        { op: "set", node, kind: GROUP_MEMBERSHIP, intent: { endpoint, groupId, name: groupName } },
    ];
}

function newKeySet(params: Stored, epochKey: Uint8Array | undefined, draw: Draw): Prepared<Stored, Drawn> {
    const { keySetId } = params;
    const slots: KeySetDraft["slots"] = [{ startTime: draw.startTime(keySetId), key: epochKey ?? draw.key() }];
    return { params, drawn: { revision: draw.revision(keySetId) }, keySets: [{ keySetId, policy: 0, slots }] };
}

function usePresent(
    params: Stored,
    epochKey: Uint8Array | undefined,
    { revision, slots }: NonNullable<ReturnType<View["keySet"]>>,
): Result<Prepared<Stored, Drawn>> {
    if (epochKey !== undefined && !slots.some(({ key }) => key.equals(new KeyMaterial(epochKey, "")))) {
        return refuse(
            "KEY_SET_CONFLICT",
            `key set ${params.keySetId} exists with another key: leave "epochKey" out to use that one, or rotate the key set`,
            { keySetId: params.keySetId },
        );
    }
    return ok({ params, drawn: { revision } });
}

function invalid(message: string): Result<never> {
    return refuse("INVALID_PARAMS", `${ADD_NODE_TO_GROUP}: ${message}`);
}
