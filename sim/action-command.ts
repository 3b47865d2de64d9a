import type { Change, Command } from "../src/core/command.js";
import type { KeySetId } from "../src/core/ids.js";
import type { Item } from "../src/core/item.js";
import { identityText } from "../src/core/identity.js";
import type { EndpointNumber } from "../src/core/ids.js";
import { ACL, acl, BINDING, binding, GROUP_KEY, GROUP_KEY_MAP, GROUP_MEMBERSHIP, IPK, NOC, TRUSTED_ROOT, type AclIntent, type BindingIntent } from "../src/kinds/index.js";
import { MANAGER_FABRIC } from "./devices/sim-node.js";
import { SCRIPT_ACL_ENTRIES, SCRIPT_TARGETS } from "./list-entries.js";
import { SCRIPT_ROOTS, SCRIPT_TAG_SETS } from "./script-certificates.js";
import type { Action, DirectChange, Script } from "./script.js";
import type { World } from "./world.js";

const IPK_KEY_SET = 0 as KeySetId;

/** What the caller draws before it sets the IPK: a start time of its own for each action. */
export function newIpk(action: number): Command {
    return { type: "putKeySet", keySetId: IPK_KEY_SET, slots: [{ startTime: BigInt(action + 2) * 1_000_000n, key: new Uint8Array(KEY_BYTES).fill(0x80 + (action % 0x60)) }] };
}

const KEY_BYTES = 16;

/** Actions that are more than one command, and that the caller knows itself. */
type Membership = Extract<Action, { type: "addNode" | "removeNode" | "renewNode" }>;

/** The command that an action stands for at this moment; null: there is nothing that it could be about. */
export function commandOf(world: World, script: Script, action: Exclude<Action, Membership>): Command | null {
    switch (action.type) {
        case "addToGroup":
            return addToGroup(world, action);
        case "cancel":
        case "retryRun":
        case "abandon": {
            const run = runOf(world, script, action.task);
            return run === 0 ? null : { type: action.type, run };
        }
        case "reconcile": {
            const node = world.nodeIds[action.node]!;
            return { type: "reconcile", node, verify: "all", capacity: true, ...(action.rewrite ? { rewrite: "all" as const } : {}) };
        }
        case "adopt":
            return adopt(world, action);
        case "withdraw":
        case "retry": {
            const item = itemOf(world, action);
            return item === null ? null : { type: action.type, node: item.node.nodeId, kind: item.kindName, key: item.key };
        }
        default:
            return { type: "change", changes: [changeOf(world, action)], ...(action.force ? { force: true } : {}) };
    }
}

function addToGroup(world: World, action: Extract<Action, { type: "addToGroup" }>): Command {
    const { node, endpoint, group, keySet, request, deadlineMs } = action;
    return {
        type: "run",
        task: "addNodeToGroup",
        params: { node: world.nodeIds[node]!, endpoint, groupId: group, groupName: `g${group}`, keySetId: keySet },
        ...(request === 0 ? {} : { requestId: `request-${request}` }),
        ...(deadlineMs === 0 ? {} : { deadlineMs }),
    };
}

/** The run of the n-th action that starts a task, if it is known by now. */
function runOf(world: World, script: Script, task: number): number {
    let seen = 0;
    for (let i = 0; i < script.actions.length; i++) {
        if (script.actions[i]!.type === "addToGroup" && seen++ === task) {
            return world.caller.runs[i]!;
        }
    }
    return 0;
}

function itemOf(world: World, { node, item }: { readonly node: number; readonly item: number }): Item | null {
    const items = [...(world.manager!.machine.nodes.get(world.nodeIds[node]!)?.items.values() ?? [])];
    return items.length === 0 ? null : items[item % items.length]!;
}

/** A map entry or a membership that is on the device and that nobody manages. Not a key set: nobody can see which keys those are. */
function adopt(world: World, { node, item, maintain }: Extract<Action, { type: "adopt" }>): Command | null {
    const device = world.nodes[node]!;
    const known = world.manager!.machine.nodes.get(world.nodeIds[node]!)?.items;
    if (known === undefined || !world.sites[node]!.isOnFabric) {
        return null;
    }
    const found = [
        ...device.groupKeyMap(MANAGER_FABRIC).map(entry => ({ kind: GROUP_KEY_MAP, key: [entry.groupId], intent: { groupId: entry.groupId, keySetId: entry.groupKeySetId } })),
        ...device
            .groupTable(MANAGER_FABRIC)
            .flatMap(({ groupId, endpoints, groupName }) =>
                endpoints.map(endpoint => ({ kind: GROUP_MEMBERSHIP, key: [endpoint, groupId], intent: { endpoint, groupId, name: groupName } })),
            ),
    ].filter(({ kind, key }) => !known.has(identityText(kind, key)));
    if (found.length === 0) {
        return null;
    }
    const { kind, intent } = found[item % found.length]!;
    return { type: "adopt", node: world.nodeIds[node]!, kind, intent, ...(maintain ? { mode: "maintain" as const } : {}) };
}

function changeOf(world: World, action: DirectChange): Change {
    const node = world.nodeIds[action.node]!;
    const mode = "maintain" in action && action.maintain ? { mode: "maintain" as const } : {};
    switch (action.type) {
        case "setKey": {
            const keySetId = action.keySet as KeySetId;
            const revision = world.manager!.machine.keySets.latest(keySetId)?.revision ?? 1;
            return { op: "set", node, kind: GROUP_KEY, intent: { keySetId, revision }, ...mode };
        }
        case "setMap":
            return { op: "set", node, kind: GROUP_KEY_MAP, intent: { groupId: action.group, keySetId: action.keySet }, ...mode };
        case "setMembership":
            return { op: "set", node, kind: GROUP_MEMBERSHIP, intent: { endpoint: action.endpoint, groupId: action.group, name: "" }, ...mode };
        case "setAcl":
            return { op: "set", node, kind: ACL, intent: aclIntent(action), ...mode };
        case "setBinding":
            return { op: "set", node, kind: BINDING, intent: bindingIntent(action), ...mode };
        case "setNoc":
            return { op: "set", node, kind: NOC, intent: { caseAuthenticatedTags: SCRIPT_TAG_SETS[action.tags]! }, ...mode };
        case "setIpk":
            return { op: "set", node, kind: IPK, intent: { revision: world.manager!.machine.keySets.latest(IPK_KEY_SET)?.revision ?? 1 }, ...mode };
        case "watchRoot":
            return { op: "set", node, kind: TRUSTED_ROOT, intent: { subjectKeyId: SCRIPT_ROOTS[action.root]! }, ...mode };
        case "removeNoc":
            return { op: "remove", node, kind: NOC, key: [0] };
        case "removeIpk":
            return { op: "remove", node, kind: IPK, key: [0] };
        case "unwatchRoot":
            return { op: "remove", node, kind: TRUSTED_ROOT, key: [SCRIPT_ROOTS[action.root]!] };
        case "removeAcl":
            return { op: "remove", node, kind: ACL, key: acl.keyOf(aclIntent(action)) };
        case "removeBinding":
            return { op: "remove", node, kind: BINDING, key: binding.keyOf(bindingIntent(action)) };
        case "removeKey":
            return { op: "remove", node, kind: GROUP_KEY, key: [action.keySet] };
        case "removeMap":
            return { op: "remove", node, kind: GROUP_KEY_MAP, key: [action.group] };
        case "removeMembership":
            return { op: "remove", node, kind: GROUP_MEMBERSHIP, key: [action.endpoint, action.group] };
    }
}

function aclIntent({ entry, label }: { readonly entry: number; readonly label: number }): AclIntent {
    return { label: `label ${label}`, ...SCRIPT_ACL_ENTRIES[entry]! };
}

function bindingIntent({ endpoint, target, label }: { readonly endpoint: number; readonly target: number; readonly label: number }): BindingIntent {
    const { node = null, group = null, endpoint: remote = null, cluster = null } = SCRIPT_TARGETS[target]!;
    return { endpoint: endpoint as EndpointNumber, target: { node, group, endpoint: remote, cluster }, label: `label ${label}` };
}
