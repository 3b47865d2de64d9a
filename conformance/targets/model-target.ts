import type { Formation } from "../../src/core/command.js";
import { nodeId } from "../../src/core/ids.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import type { Capability, Identity, Setup, Target } from "../target.js";
import { World } from "../world/world.js";
import { DatastoreServer, emptyStore, type CountedStore } from "./datastore-server.js";
import { InProcessSession, type ServerFactory } from "./in-process-session.js";

const ROOT = Uint8Array.from({ length: 220 }, (_, at) => (at * 37 + 11) & 0xff);
const IDENTITY: Identity = { nodeId: 0x1n, vendorId: 0xfff1, trustedRoots: [ROOT] };

const FORMATION: Formation = {
    anchorRootCa: ROOT,
    anchorNodeId: nodeId(IDENTITY.nodeId),
    anchorVendorId: IDENTITY.vendorId,
    friendlyName: "Fabric",
    anchorName: "Anchor",
    icac: new Uint8Array([1]),
    ipk: [{ startTime: 1n, key: Uint8Array.from({ length: 16 }, (_, at) => 0xa0 + at) }],
    administratorGroup: { groupId: 0xfe01, friendlyName: "Administrators" },
    anchorGroup: { groupId: 0xfe02, friendlyName: "Anchors" },
};

/** The datastore has no door of its own: access, malformed requests and sessions are the business of the node that hosts it. */
const CAPABILITIES: readonly Capability[] = [
    "identity",
    "dataVersions",
    "subscriptions",
    "members",
    "traffic",
    "reachability",
    "faults",
    "otherAdministrators",
    "memberLimits",
    "structure",
    "clock",
    "restart",
    "kill",
    "crashPoints",
    "smallLimits",
    "storageSearch",
    "unformed",
    "fabricRemoval",
    "anchorTransfer",
];

/** The longest back-off of the machine, and its sweep. */
const CLEAN_UP_MS = 20 * 60_000;

/** The pure datastore of `src/jfds` with simulated member nodes, in this process and under virtual time. */
export class ModelTarget implements Target {
    readonly name = "model";
    readonly capabilities: ReadonlySet<Capability> = new Set(CAPABILITIES);
    readonly cleanUpPeriodMs = CLEAN_UP_MS;

    async open(setup: Setup): Promise<InProcessSession> {
        const world = new World({ nodeId: IDENTITY.nodeId, catVersion: setup.requiredCatVersion ?? 1 });
        const session = new InProcessSession(world, factoryOf(world, setup));
        if (setup.formed) {
            await session.form();
        }
        return session;
    }

    async close(): Promise<void> {}
}

function factoryOf(world: World, setup: Setup): ServerFactory {
    const store: CountedStore = { tables: emptyStore(), writes: 0, killAt: Infinity };
    return {
        identity: IDENTITY,
        create: () => {
            store.killAt = Infinity;
            return new DatastoreServer(world, store, setup, FORMATION);
        },
        killAfterWrites: count => {
            store.killAt = store.writes + count;
        },
        finds: (_where, bytes) => holds(store.tables, Buffer.from(bytes)),
    };
}

/** The bytes occur somewhere in what is stored. */
function holds(value: unknown, bytes: Buffer): boolean {
    if (value instanceof KeyMaterial) {
        return Buffer.from(value.reveal()).includes(bytes);
    }
    if (value instanceof Uint8Array) {
        return Buffer.from(value).includes(bytes);
    }
    if (value instanceof Map) {
        return [...value.values()].some(each => holds(each, bytes));
    }
    return typeof value === "object" && value !== null && Object.values(value).some(each => holds(each, bytes));
}
