import type { DeviceFields } from "../../src/core/device.js";
import { acl, type AclIntent } from "../../src/kinds/acl.js";
import { binding, type BindingIntent } from "../../src/kinds/binding.js";
import { changeAcl, changeBindings, type Deed } from "../administrator.js";
import { SECOND_SWITCH, SWITCH } from "../bed.js";
import { ACL_ENTRIES } from "../bed-world.js";
import type { DeviceTruth } from "../device-truth.js";
import type { KindCase, Wish } from "./kind-case.js";

const ON_OFF = 6;
const [OPERATE, ADMINISTER] = [3, 5];
const [CASE, GROUP] = [2, 3];
const ANY = { cluster: null, deviceType: null };

/** What group members may do to the first switch. */
function grant(group: number, label = ""): Wish & { readonly intent: AclIntent } {
    const intent = { privilege: OPERATE, authMode: GROUP, subjects: [BigInt(group)], targets: [{ ...ANY, endpoint: SWITCH }], label };
    return { kind: acl.name, key: acl.keyOf(intent), intent };
}

const ACL_GROUP = 0x161;
const THEIR_ADMINISTRATOR = 0x2_0001n;

function theirGrant(subject: bigint): Deed {
    return changeAcl(entries => [...entries, { privilege: ADMINISTER, authMode: CASE, subjects: [subject], targets: null }]);
}

function revoke(subject: bigint): Deed {
    return changeAcl(entries => entries.filter(({ subjects }) => !(subjects as readonly bigint[] | null)?.includes(subject)));
}

/** An entry in the access control list. */
const aclCase: KindCase = {
    what: "an access control entry",
    node: "hall",
    needs: [],
    item: grant(ACL_GROUP),
    neededBy: [],
    twin: grant(ACL_GROUP, "for somebody else"),
    isList: true,
    isOnEndpoint: false,
    apply: "ACL",
    remove: "ACL",
    content: ({ acl: entries }) => entries.find(({ subjects }) => subjects?.includes(`0x${ACL_GROUP.toString(16)}`)),
    contents: { item: { privilege: OPERATE, authMode: GROUP, subjects: [`0x${ACL_GROUP.toString(16)}`], targets: [{ ...ANY, endpoint: SWITCH }] } },
    full: {
        fill: Array.from({ length: ACL_ENTRIES - 1 }, (_, at) => theirGrant(THEIR_ADMINISTRATOR + BigInt(at))),
        room: [revoke(THEIR_ADMINISTRATOR)],
        isReported: true,
    },
    undo: [revoke(BigInt(ACL_GROUP))],
    redo: [changeAcl(entries => [...entries, entryFields(grant(ACL_GROUP).intent)])],
    theirs: [theirGrant(THEIR_ADMINISTRATOR)],
    theirsGone: [revoke(THEIR_ADMINISTRATOR)],
    hasTheirs: ({ acl: entries }) => entries.some(({ subjects }) => subjects?.includes(`0x${THEIR_ADMINISTRATOR.toString(16)}`) === true),
};

function entryFields({ privilege, authMode, subjects, targets }: AclIntent): DeviceFields {
    return { privilege, authMode, subjects, targets: targets?.map(target => ({ ...target })) ?? null };
}

const BOUND_GROUP = 0x162;
const THEIR_BOUND_GROUP = 0x172;

/** The second switch talks to a group. */
export function bind(group: number, label = ""): Wish {
    const target = { node: null, group, endpoint: null, cluster: ON_OFF };
    const intent: BindingIntent = { endpoint: SECOND_SWITCH as BindingIntent["endpoint"], target, label };
    return { kind: binding.name, key: binding.keyOf(intent), intent };
}

function theirBinding(group: number): Deed {
    return changeBindings(SECOND_SWITCH, entries => [...entries, { group, cluster: ON_OFF }]);
}

function unbind(group: number): Deed {
    return changeBindings(SECOND_SWITCH, entries => entries.filter(entry => entry["group"] !== group));
}

function boundTo({ bindings }: DeviceTruth, wanted: number): object | undefined {
    return bindings.find(({ group }) => group === wanted);
}

/** A binding. Real nodes of matter.js take any number of them, so that what becomes of a full list is a story of its own. */
const bindingCase: KindCase = {
    what: "a binding",
    node: "kitchen",
    needs: [],
    item: bind(BOUND_GROUP),
    neededBy: [],
    twin: bind(BOUND_GROUP, "for somebody else"),
    isList: true,
    isOnEndpoint: true,
    apply: "Binding",
    remove: "Binding",
    content: truth => boundTo(truth, BOUND_GROUP),
    contents: { item: { at: SECOND_SWITCH, node: null, group: BOUND_GROUP, endpoint: null, cluster: ON_OFF } },
    undo: [unbind(BOUND_GROUP)],
    redo: [theirBinding(BOUND_GROUP)],
    theirs: [theirBinding(THEIR_BOUND_GROUP)],
    theirsGone: [unbind(THEIR_BOUND_GROUP)],
    hasTheirs: truth => boundTo(truth, THEIR_BOUND_GROUP) !== undefined,
};

export const listCases: readonly KindCase[] = [aclCase, bindingCase];
