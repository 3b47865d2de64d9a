import { PlainServer } from "../plain/plain-server.js";
import type { PlainStore } from "../plain/plain-state.js";
import type { Capability, Identity, Setup, Target } from "../target.js";
import { isFields, type Value } from "../values.js";
import { World } from "../world/world.js";
import { InProcessSession, type ServerFactory } from "./in-process-session.js";

const IDENTITY: Identity = {
    nodeId: 0x1n,
    vendorId: 0xfff1,
    trustedRoots: [Uint8Array.from({ length: 220 }, (_, at) => (at * 37 + 11) & 0xff)],
};

const CAPABILITIES: readonly Capability[] = [
    "accessRights",
    "otherFabric",
    "pase",
    "identity",
    "dataVersions",
    "subscriptions",
    "fabricFilter",
    "rawCommands",
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
    "listIdPreset",
    "storageSearch",
    "unformed",
    "fabricRemoval",
    "anchorTransfer",
];

/** Longer than the server's period, so that each period has ended. */
const CLEAN_UP_MS = 600_000;

/** The plain server, or one that is made from it, with simulated member nodes. */
export class PlainTarget implements Target {
    readonly capabilities: ReadonlySet<Capability> = new Set(CAPABILITIES);
    readonly cleanUpPeriodMs = CLEAN_UP_MS;

    constructor(
        readonly name = "plain",
        private readonly kind: typeof PlainServer = PlainServer,
    ) {}

    async open(setup: Setup): Promise<InProcessSession> {
        const world = new World({ nodeId: IDENTITY.nodeId, catVersion: setup.requiredCatVersion ?? 1 });
        const session = new InProcessSession(world, factoryOf(this.kind, world, setup));
        if (setup.formed) {
            await session.form();
        }
        return session;
    }

    async close(): Promise<void> {}
}

function factoryOf(kind: typeof PlainServer, world: World, setup: Setup): ServerFactory {
    const store: PlainStore = { image: undefined, writes: 0, killAt: Infinity };
    const { nodeId, vendorId, trustedRoots } = IDENTITY;
    return {
        identity: IDENTITY,
        create: () => {
            store.killAt = Infinity;
            return new kind(world, store, setup, { nodeId, vendorId, root: trustedRoots[0]! });
        },
        killAfterWrites: count => {
            store.killAt = store.writes + count;
        },
        finds: (_where, bytes) => holds(store.image as unknown as Value, bytes),
    };
}

/** The bytes occur somewhere in the value. */
function holds(value: Value, bytes: Uint8Array): boolean {
    if (value instanceof Uint8Array) {
        return Buffer.from(value).includes(Buffer.from(bytes));
    }
    if (Array.isArray(value)) {
        return value.some(entry => holds(entry as Value, bytes));
    }
    return isFields(value) && Object.values(value).some(field => holds(field, bytes));
}
