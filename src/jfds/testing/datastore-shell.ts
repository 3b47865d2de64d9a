import type { Formation } from "../../core/command.js";
import type { DeviceAnswer, DeviceRequest } from "../../core/device.js";
import type { Effect } from "../../core/effect.js";
import { nodeId, type NodeId } from "../../core/ids.js";
import type { MachineOptions } from "../../core/machine.js";
import { Status } from "../../core/status.js";
import { TestShell, type ShellOptions } from "../../core/testing/test-shell.js";
import { ToyNode } from "../../core/testing/toy-kind.js";
import { Manager } from "../../tasks/manager.js";
import { Datastore } from "../datastore.js";
import type { DatastoreOptions } from "../options.js";
import type { AttributeName } from "../view.js";

/** The other side of a node: what carries requests out. */
export interface Member {
    handle(request: DeviceRequest): DeviceAnswer;
}

export interface DatastoreShellOptions extends ShellOptions {
    readonly datastore?: DatastoreOptions;
    /** Makes the node that stands behind a node id. */
    readonly member: (node: NodeId) => Member;
}

/** A member node on which a test can lay faults. */
class MemberNode extends ToyNode {
    constructor(readonly member: Member) {
        super();
    }

    override perform(request: DeviceRequest): DeviceAnswer {
        return this.member.handle(request);
    }
}

export const N1 = nodeId(0x11n);
export const N2 = nodeId(0x12n);
export const ANCHOR = nodeId(0xa0n);
/** The node id that member nodes know as their administrator. */
const ADMINISTRATOR = nodeId(0x1_0000n);
export const SECOND = 1_000_000n;

export const formation: Formation = {
    anchorRootCa: new Uint8Array([1, 2, 3]),
    anchorNodeId: ANCHOR,
    anchorVendorId: 0xfff1,
    friendlyName: "Home",
    anchorName: "Anchor",
    icac: new Uint8Array([4, 5]),
    ipk: [{ startTime: 0n, key: new Uint8Array(16).fill(0xe1) }],
    administratorGroup: { groupId: 0xfe01, friendlyName: "Administrators" },
    anchorGroup: { groupId: 0xfe02, friendlyName: "Anchors" },
};

export const keyBytes = (fill: number, length = 16) => new Uint8Array(length).fill(fill);

/** DatastoreGroupKeySetStruct with one key, or whatever a test wants otherwise. */
export const keySet = (groupKeySetId: number, changes: object = {}) => ({
    groupKeySetId,
    groupKeySecurityPolicy: 0,
    epochKey0: keyBytes(groupKeySetId & 0xff),
    epochStartTime0: SECOND,
    epochKey1: null,
    epochStartTime1: null,
    epochKey2: null,
    epochStartTime2: null,
    ...changes,
});

/** The fields of AddGroup. */
export const group = (groupId: number, groupKeySetId: number | null, changes: object = {}) => ({
    groupId,
    friendlyName: `Group ${groupId}`,
    groupKeySetId,
    groupCat: null,
    groupCatVersion: null,
    groupPermission: 3,
    ...changes,
});

/** UpdateGroup that leaves everything as it is, but for these. */
export const groupUpdate = (groupId: number, changes: object) => ({
    groupId,
    friendlyName: null,
    groupKeySetId: null,
    groupCat: null,
    groupCatVersion: null,
    groupPermission: null,
    ...changes,
});

/** The test shell around a manager with a datastore, and member nodes. */
export class DatastoreShell extends TestShell {
    // Made by `restart`, which the constructor of the base calls.
    declare manager: Manager;
    declare datastore: Datastore;
    declare protected readonly options: DatastoreShellOptions;

    constructor(options: DatastoreShellOptions) {
        super(options);
    }

    override get machineOptions(): MachineOptions {
        return {
            ...super.machineOptions,
            fingerprint: bytes => bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x0100_0193), 0x811c_9dc5).toString(16),
            administrator: { nodeId: ADMINISTRATOR, caseAuthenticatedTags: [] },
        };
    }

    override restart(): Effect[] {
        const options = {
            ...this.machineOptions,
            kinds: [],
            extensions: [(machine: ConstructorParameters<typeof Datastore>[0], image: ConstructorParameters<typeof Datastore>[2]) =>
                (this.datastore = new Datastore(machine, this.options.datastore ?? {}, image))],
        };
        const opened = Manager.open(options, this.image, { monoMs: this.nowMs, wallMs: this.wallMs });
        if (!opened.ok) {
            throw new TypeError(opened.error.message);
        }
        this.manager = opened.value;
        this.machine = opened.value.machine;
        this.requests = [];
        this.sent = [];
        this.batch = null;
        this.wakeAtMs = null;
        return this.input({ type: "start" });
    }

    override device(node: NodeId = N1): ToyNode {
        let device = this.devices.get(node);
        if (device === undefined) {
            device = new MemberNode(this.options.member(node));
            this.devices.set(node, device);
        }
        return device;
    }

    /** What stands behind the node id. */
    member<M extends Member>(node: NodeId = N1): M {
        return (this.device(node) as MemberNode).member as M;
    }

    /** A command of the cluster; its status, once everything that can happen now has happened. */
    jfds(command: string, fields: object): number | string {
        return this.statusOf(this.do({ type: "jfds", command, fields: fields as { readonly [name: string]: unknown } }));
    }

    statusOf(result: ReturnType<TestShell["do"]>): number | string {
        if (result === undefined) {
            return "no answer";
        }
        return result.ok ? (result.value.type === "status" ? result.value.status : result.value.type) : result.error.code;
    }

    /** Commands that must succeed. */
    all(...commands: readonly (readonly [string, object])[]): void {
        for (const [command, fields] of commands) {
            const status = this.jfds(command, fields);
            if (status !== Status.SUCCESS) {
                throw new TypeError(`${command} answered ${status}`);
            }
        }
    }

    /** Rows of a list as text: fields that name the row, then `P`, `C`, `DP` or `CF(code)`. */
    rows(list: AttributeName): string[] {
        return (this.datastore.attribute(list) as readonly object[]).map(rowText);
    }

    silence(node: NodeId = N1): void {
        this.device(node).fault = () => ({ kind: "notSent", reason: "no session" });
        this.input({ type: "unreachable", node });
    }

    back(node: NodeId = N1): void {
        this.device(node).fault = () => undefined;
        this.input({ type: "reachable", node });
        this.settle();
    }

    /** Refuse what matches with this status, until {@link heal}. */
    refuse(status: number, matches: (request: DeviceRequest) => boolean, node: NodeId = N1): void {
        this.device(node).fault = request => (matches(request) ? { kind: "status", status } : undefined);
    }

    heal(node: NodeId = N1): void {
        this.device(node).fault = () => undefined;
    }

    /** Requests since the last call that changed the node, in short: `KeySetWrite`, `write GroupKeyMap`, ... */
    changes(node: NodeId = N1): string[] {
        const texts = this.sent.filter(effect => effect.node === node).map(({ request }) => requestText(request as DeviceRequest));
        this.sent = this.sent.filter(effect => effect.node !== node);
        return texts.filter(text => text !== "");
    }
}

const stateNames = ["P", "C", "DP", "CF"];

function rowText(row: object): string {
    return Object.values(row)
        .map(value => {
            if (typeof value === "object" && value !== null && "state" in value) {
                const { state, failureCode } = value as { state: number; failureCode: number };
                return stateNames[state] + (state === 3 ? `(${failureCode})` : "");
            }
            return typeof value === "bigint" ? `0x${value.toString(16)}` : typeof value === "object" ? JSON.stringify(value, bigintText) : String(value);
        })
        .join(" ");
}

function bigintText(_key: string, value: unknown): unknown {
    return typeof value === "bigint" ? `0x${value.toString(16)}` : value;
}

const commandNames: { readonly [clusterAndCommand: string]: string } = {
    "63/0": "KeySetWrite",
    "63/3": "KeySetRemove",
    "4/0": "AddGroup",
    "4/3": "RemoveGroup",
};
const attributeNames: { readonly [clusterAndAttribute: string]: string } = { "63/0": "GroupKeyMap", "31/0": "ACL", "30/0": "Binding" };

function requestText(request: DeviceRequest): string {
    if (request.op === "write") {
        return `write ${attributeNames[`${request.cluster}/${request.attribute}`]}`;
    }
    return request.op === "invoke" && !request.query ? (commandNames[`${request.cluster}/${request.command}`] ?? `command ${request.cluster}/${request.command}`) : "";
}

/** A formed fabric, with key set 1, group 1 (of it), and nodes {@link N1} and {@link N2} refreshed, unless told otherwise. */
export function formed(options: DatastoreShellOptions, nodes: readonly NodeId[] = [N1, N2]): DatastoreShell {
    const shell = new DatastoreShell(options);
    shell.do({ type: "formDatastore", formation });
    shell.all(["addKeySet", { groupKeySet: keySet(1) }], ["addGroup", group(1, 1)]);
    for (const node of nodes) {
        shell.all(["addPendingNode", { nodeId: node, friendlyName: `Node ${node}` }], ["refreshNode", { nodeId: node }]);
        shell.back(node);
        shell.changes(node);
    }
    return shell;
}
