/**
 * Every way in which a real node may answer differently than the model that follows the specification, and why: what is not explained here makes the
 * comparison fail.
 */
import { AccessControl, BasicInformation, Binding, Descriptor, GeneralCommissioning, GroupKeyManagement, Groups, OperationalCredentials } from "../../src/core/clusters.js";
import type { DeviceFields } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { utf8Length } from "../../sim/devices/cluster-server.js";
import { Identify, OnOff, ScenesManagement } from "../../sim/devices/composition.js";
import { Privilege } from "../../sim/devices/privilege.js";
import { LIMITS } from "./device.js";
import {
    fieldOf,
    isGroupsCommand,
    isKeyCommand,
    isRefusedOnlyByReal,
    isStatus,
    isOfLighting,
    isOfScenes,
    isWithin,
    mayZeroBreadcrumb,
    keySetField,
    keySetId,
    refuses,
    sameNumbers,
    sceneGroup,
    setsWithIdZero,
    surplus,
    withoutSecondZero,
    type KnownDifference,
} from "./difference-context.js";
import { ANSWER, attributeAspect, INSIDE, versionAspect } from "./party.js";

const { commands } = GroupKeyManagement;
const KEY_SET_COMMANDS: readonly number[] = [commands.keySetWrite, commands.keySetRemove];
const GROUP_KEYS_VERSION = versionAspect(0, GroupKeyManagement.id);
const GROUP_TABLE = attributeAspect(0, GroupKeyManagement.id, GroupKeyManagement.attributes.groupTable);

/** Server clusters of a matter.js root node that there is no model of. */
const NOT_MODELLED = new Set(["51", "60"]);

export const knownDifferences: readonly KnownDifference[] = [
    {
        name: "key-sets-move-data-version",
        section: "core 7.10.3",
        reason: "Key sets are no attribute data, so writing one leaves the data version alone; matter.js keeps them as an attribute of its own.",
        explains: ({ request, aspect, shown, real }) =>
            aspect === GROUP_KEYS_VERSION && shown === "changed" && isKeyCommand(request, ...KEY_SET_COMMANDS) && isStatus(real, Status.SUCCESS),
    },
    {
        name: "second-set-zero-takes-a-slot",
        section: "core 11.2.7.1",
        reason: "KeySetWrite of id 0 replaces the IPK's set; matter.js puts one more beside it, which takes a slot, so the next new set finds none left.",
        explains: context =>
            isKeyCommand(context.request, commands.keySetWrite) &&
            context.before.keySets.length >= LIMITS.maxGroupKeys &&
            (keySetId(context.request) === 0 || setsWithIdZero(context.before) === 2) &&
            isRefusedOnlyByReal(context, Status.RESOURCE_EXHAUSTED, [INSIDE]),
    },
    {
        name: "set-zero-listed-twice",
        section: "core 11.2.7.6",
        reason: "The same second set: matter.js lists its id beside the IPK's.",
        explains: ({ request, aspect, before, real, model }) =>
            aspect === ANSWER &&
            isKeyCommand(request, commands.keySetReadAllIndices) &&
            setsWithIdZero(before) === 2 &&
            sameNumbers(withoutSecondZero(fieldOf(real, "groupKeySetIDs")), fieldOf(model, "groupKeySetIDs")),
    },
    {
        name: "max-start-time-refused",
        section: "core 4.17.3",
        reason: "An epoch key that starts at 2^64 - 1 leaves its slot unused; matter.js counts from 1970, where that is out of range.",
        explains: ({ request, aspect, real, model }) =>
            isKeyCommand(request, commands.keySetWrite) &&
            [0, 1, 2].some(slot => keySetField(request, `epochStartTime${slot}`) === 0xffff_ffff_ffff_ffffn) &&
            isStatus(real, Status.CONSTRAINT_ERROR) &&
            (aspect === ANSWER || (aspect === INSIDE && isStatus(model, Status.SUCCESS))),
    },
    {
        name: "unknown-policy-is-invalid-command",
        section: "core 7.19.2",
        reason: "A value outside of an enumeration is a constraint error; matter.js refuses a security policy that it does not know with INVALID_COMMAND.",
        explains: ({ request, aspect, real, model }) =>
            aspect === ANSWER &&
            isKeyCommand(request, commands.keySetWrite) &&
            Number(keySetField(request, "groupKeySecurityPolicy")) > 1 &&
            isStatus(real, Status.INVALID_COMMAND) &&
            isStatus(model, Status.CONSTRAINT_ERROR),
    },
    {
        name: "unknown-multicast-policy-is-invalid-command",
        section: "core 7.19.2",
        reason: "The same for the multicast policy.",
        explains: ({ request, aspect, real, model }) =>
            aspect === ANSWER &&
            isKeyCommand(request, commands.keySetWrite) &&
            Number(keySetField(request, "groupKeyMulticastPolicy")) > 1 &&
            isStatus(real, Status.INVALID_COMMAND) &&
            isStatus(model, Status.CONSTRAINT_ERROR),
    },
    {
        name: "all-nodes-policy-refused",
        section: "core 11.2.5.2.2",
        reason: "AllNodes is a policy like the other; matter.js refuses it because it is provisional.",
        explains: context =>
            isKeyCommand(context.request, commands.keySetWrite) &&
            keySetField(context.request, "groupKeyMulticastPolicy") === 1 &&
            (isRefusedOnlyByReal(context, Status.INVALID_COMMAND, [INSIDE]) ||
                // It looks at the policy before it looks for room.
                (context.aspect === ANSWER && isStatus(context.real, Status.INVALID_COMMAND) && isStatus(context.model, Status.RESOURCE_EXHAUSTED))),
    },
    {
        name: "capacity-ignores-the-table",
        section: "cluster 1.3.7.9.1",
        reason: "Capacity is what the group table has left; matter.js answers 254 less the groups of the endpoint.",
        explains: ({ request, aspect, real, model, before }) =>
            aspect === ANSWER &&
            isGroupsCommand(request, Groups.commands.getGroupMembership) &&
            fieldOf(model, "capacity") === LIMITS.maxGroups - before.groupTable.length &&
            fieldOf(real, "capacity") === 254 - before.groupTable.filter(({ endpoints }) => endpoints.includes(request.endpoint)).length &&
            sameNumbers(fieldOf(real, "groupList"), fieldOf(model, "groupList")),
    },
    {
        name: "group-list-not-checked",
        section: "cluster 1.3.7.3",
        reason: "GroupList's constraint is all[min 1]; matter.js passes over a group id 0.",
        explains: ({ request, aspect, real, model }) =>
            aspect === ANSWER &&
            request.op === "invoke" &&
            isGroupsCommand(request, Groups.commands.getGroupMembership) &&
            (request.fields["groupList"] as readonly number[]).includes(0) &&
            real.kind === "response" &&
            isStatus(model, Status.CONSTRAINT_ERROR),
    },
    {
        name: "group-name-limit-in-code-units",
        section: "core 7.19.2.38",
        reason: "A limit of a string counts bytes of UTF-8; matter.js counts UTF-16 code units, and takes a longer name.",
        explains: context => {
            const { request, aspect, real, model } = context;
            const name = request.op === "invoke" ? request.fields["groupName"] : undefined;
            const joins = isGroupsCommand(request, Groups.commands.addGroup, Groups.commands.addGroupIfIdentifying);
            if (!joins || typeof name !== "string" || utf8Length(name) <= 16) {
                return false;
            }
            const refusedByModel = isStatus(model, Status.CONSTRAINT_ERROR) || fieldOf(model, "status") === Status.CONSTRAINT_ERROR;
            const refusedByBoth = isStatus(real, Status.CONSTRAINT_ERROR) || fieldOf(real, "status") === Status.CONSTRAINT_ERROR;
            return refusedByModel && !refusedByBoth && (aspect === ANSWER || aspect === GROUP_TABLE || aspect === GROUP_KEYS_VERSION);
        },
    },
    {
        name: "fabric-label-limit-in-code-units",
        section: "core 7.19.2.38",
        reason: "The same for the label of a fabric.",
        explains: ({ request, aspect, real, model }) =>
            request.op === "invoke" &&
            request.cluster === OperationalCredentials.id &&
            typeof request.fields["label"] === "string" &&
            utf8Length(request.fields["label"]) > 32 &&
            real.kind === "response" &&
            isStatus(model, Status.CONSTRAINT_ERROR) &&
            [ANSWER, FABRICS, versionAspect(0, OperationalCredentials.id)].includes(aspect),
    },
    {
        name: "node-label-limit-in-code-units",
        section: "core 7.19.2.38",
        reason: "The same for NodeLabel.",
        explains: ({ request, aspect, real, model }) =>
            request.op === "write" &&
            request.cluster === BasicInformation.id &&
            typeof request.value === "string" &&
            utf8Length(request.value) > 32 &&
            isStatus(real, Status.SUCCESS) &&
            isStatus(model, Status.CONSTRAINT_ERROR) &&
            isWithin(aspect, request),
    },
    {
        name: "clusters-not-modelled",
        section: "core 9.5.6.2",
        reason: "A root node has more server clusters than there are models of.",
        modelLacks: true,
        explains: ({ request, aspect, shown, expected }) =>
            aspect === ANSWER &&
            request.op === "read" &&
            request.endpoint === 0 &&
            request.cluster === Descriptor.id &&
            request.attribute === Descriptor.attributes.serverList &&
            surplus(shown, expected)?.every(cluster => NOT_MODELLED.has(cluster)) === true,
    },
    {
        name: "commissioning-not-modelled",
        section: "core 11.18.6",
        reason: "The model has what the renewal of a certificate takes: attestation, AddNOC, RemoveFabric and the rest are the commissioner's.",
        modelLacks: true,
        explains: ({ request, aspect, shown, expected }) =>
            aspect === ANSWER &&
            request.op === "read" &&
            (request.cluster === OperationalCredentials.id || request.cluster === GeneralCommissioning.id) &&
            [GENERATED_COMMAND_LIST, ACCEPTED_COMMAND_LIST, ATTRIBUTE_LIST].includes(request.attribute) &&
            surplus(shown, expected) !== undefined,
    },
    {
        name: "one-key-for-each-fail-safe",
        section: "core 6.4.6.1",
        reason: "Each CSRRequest makes a new key pair; matter.js makes one for each fail-safe.",
        explains: ({ request, aspect, shown, expected }) =>
            aspect === ANSWER &&
            request.op === "invoke" &&
            request.cluster === OperationalCredentials.id &&
            request.command === OperationalCredentials.commands.csrRequest &&
            /key: \d+/.test(shown) &&
            shown.replace(/key: \d+/, "") === expected.replace(/key: \d+/, ""),
    },
    {
        name: "empty-fabric-label-refused",
        section: "core 11.18.6.11.1",
        reason: "A label may have no characters; matter.js answers FAILURE to that.",
        explains: ({ request, aspect, real }) =>
            request.op === "invoke" &&
            request.cluster === OperationalCredentials.id &&
            request.fields["label"] === "" &&
            isStatus(real, Status.FAILURE) &&
            [ANSWER, FABRICS, versionAspect(0, OperationalCredentials.id)].includes(aspect),
    },
    {
        name: "breadcrumb-zero-of-another-type",
        section: "core 7.10.3",
        reason: "The data version stays when a value is written that is there already; matter.js holds a breadcrumb of 0 sometimes as a number, sometimes as a bigint.",
        modelLacks: true,
        explains: ({ request, waited, aspect, shown }) =>
            aspect === versionAspect(0, GeneralCommissioning.id) && shown === "changed" && (waited || mayZeroBreadcrumb(request)),
    },
    {
        name: "trigger-effect-not-modelled",
        section: "cluster 1.2.6",
        reason: "TriggerEffect is optional; matter.js has it, the model has not.",
        modelLacks: true,
        explains: ({ request, aspect, shown, expected }) =>
            aspect === ANSWER &&
            request.op === "read" &&
            request.cluster === Identify.id &&
            request.attribute === ACCEPTED_COMMAND_LIST &&
            surplus(shown, expected)?.join() === TRIGGER_EFFECT,
    },
    {
        name: "lighting-not-modelled",
        section: "cluster 1.5.4",
        reason: "A light's OnOff has the feature Lighting; the model has what scenes and groups act on.",
        modelLacks: true,
        explains: ({ request, aspect, shown, expected }) =>
            aspect === ANSWER &&
            request.op === "read" &&
            request.cluster === OnOff.id &&
            ((request.attribute === FEATURE_MAP && shown === "1" && expected === "0") ||
                ([ATTRIBUTE_LIST, ACCEPTED_COMMAND_LIST].includes(request.attribute) && surplus(shown, expected)?.every(isOfLighting) === true)),
    },
    {
        name: "copy-scene-not-modelled",
        section: "cluster 1.4.9.15",
        reason: "CopyScene is optional; matter.js has it, the model has not.",
        modelLacks: true,
        explains: ({ request, aspect, shown, expected }) =>
            aspect === ANSWER &&
            request.op === "read" &&
            request.cluster === ScenesManagement.id &&
            [GENERATED_COMMAND_LIST, ACCEPTED_COMMAND_LIST].includes(request.attribute) &&
            surplus(shown, expected)?.join() === COPY_SCENE,
    },
    {
        name: "scene-of-a-mapped-group",
        section: "cluster 1.4.9.2.1",
        reason: "A scene's group is one of the group table that the endpoint is in; matter.js asks for an entry in the map instead.",
        explains: ({ request, aspect, before, real, model }) => {
            const groupId = sceneGroup(request);
            return (
                groupId !== undefined &&
                groupId !== 0 &&
                before.groupKeyMap.some(entry => entry.groupId === groupId) !==
                    before.groupTable.some(row => row.groupId === groupId && row.endpoints.includes(request.endpoint)) &&
                refuses(real, Status.INVALID_COMMAND) !== refuses(model, Status.INVALID_COMMAND) &&
                isOfScenes(aspect, request.endpoint)
            );
        },
    },
    {
        name: "all-groups-take-ungrouped-scenes",
        section: "cluster 1.3.7.5",
        reason: "RemoveAllGroups leaves scenes of no group; matter.js removes them, and so does connectedhomeip.",
        explains: ({ request, aspect, before }) =>
            isGroupsCommand(request, Groups.commands.removeAllGroups) &&
            (before.scenes.get(request.endpoint) ?? []).some(({ groupId }) => groupId === 0) &&
            aspect !== ANSWER &&
            isOfScenes(aspect, request.endpoint),
    },
    {
        name: "scenes-move-data-version",
        section: "core 7.10.3",
        reason: "The scene table is no attribute data, so another content of a scene leaves the data version alone; matter.js keeps it as an attribute of its own.",
        explains: ({ request, aspect, shown, real }) =>
            sceneGroup(request) !== undefined &&
            aspect === versionAspect(request.endpoint, ScenesManagement.id) &&
            shown === "changed" &&
            refuses(real, Status.SUCCESS),
    },
    {
        name: "scene-name-limit-in-code-units",
        section: "core 7.19.2.38",
        reason: "The same for SceneName.",
        explains: ({ request, aspect, real, model }) => {
            const name = sceneGroup(request) !== undefined && request.op === "invoke" ? request.fields["sceneName"] : undefined;
            return (
                typeof name === "string" &&
                utf8Length(name) > 16 &&
                isStatus(model, Status.CONSTRAINT_ERROR) &&
                !isStatus(real, Status.CONSTRAINT_ERROR) &&
                isOfScenes(aspect, request.endpoint)
            );
        },
    },
    {
        name: "binding-of-any-cluster",
        section: "core 9.6.5.1.4",
        reason: "A binding's cluster has to be a client cluster of its endpoint; matter.js takes any.",
        explains: ({ request, aspect, real, model }) =>
            request.op === "write" &&
            request.cluster === Binding.id &&
            (request.value as readonly DeviceFields[]).some(({ cluster }) => cluster !== undefined && !CLIENT_CLUSTERS.includes(cluster)) &&
            isStatus(real, Status.SUCCESS) &&
            isStatus(model, Status.CONSTRAINT_ERROR) &&
            isWithin(aspect, request),
    },
    {
        name: "proxy-view-accepted",
        section: "core 9.10.5.2",
        reason: "Privilege 2 was ProxyView and is none any more; matter.js takes it, and checks the rest of the list.",
        explains: ({ request, aspect, real, model }) =>
            request.op === "write" &&
            request.cluster === AccessControl.id &&
            (request.value as readonly DeviceFields[]).some(({ privilege }) => privilege === Privilege.PROXY_VIEW) &&
            isStatus(model, Status.CONSTRAINT_ERROR) &&
            (isStatus(real, Status.SUCCESS) || isStatus(real, Status.RESOURCE_EXHAUSTED)) &&
            isWithin(aspect, request),
    },
    {
        name: "extensions-not-modelled",
        section: "core 9.10.4",
        reason: "Extensions of access control are optional; matter.js has them, the model has not.",
        modelLacks: true,
        explains: ({ request, aspect, shown, expected }) =>
            aspect === ANSWER &&
            request.op === "read" &&
            request.cluster === AccessControl.id &&
            ((request.attribute === FEATURE_MAP && shown === "1" && expected === "0") ||
                (request.attribute === ATTRIBUTE_LIST && surplus(shown, expected)?.join() === EXTENSION)),
    },
    {
        name: "basic-information-in-part",
        section: "core 11.1.5",
        reason: "The model has those attributes of Basic Information that a manager looks at, and tells no others in AttributeList.",
        modelLacks: true,
        explains: ({ request, aspect, shown, expected }) =>
            aspect === ANSWER &&
            request.op === "read" &&
            request.cluster === BasicInformation.id &&
            request.attribute === ATTRIBUTE_LIST &&
            surplus(shown, expected)?.every(attribute => Number(attribute) < ATTRIBUTE_LIST) === true,
    },
];

const FABRICS = attributeAspect(0, OperationalCredentials.id, OperationalCredentials.attributes.fabrics);
const GENERATED_COMMAND_LIST = 0xfff8;
const ACCEPTED_COMMAND_LIST = 0xfff9;
const ATTRIBUTE_LIST = 0xfffb;
const FEATURE_MAP = 0xfffc;
const TRIGGER_EFFECT = "64";
const COPY_SCENE = "64";
/** The attribute Extension. */
const EXTENSION = "1";
/** Of the On/Off Light Switch: Identify and OnOff. */
const CLIENT_CLUSTERS: readonly unknown[] = [0x03, 0x06];
