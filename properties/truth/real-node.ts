import { setMaxListeners } from "node:events";
import { AccessControl, GeneralCommissioning, OperationalCredentials } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceRequest } from "../../src/core/device.js";
import type { NodeId } from "../../src/core/ids.js";
import { prepareInvoke } from "../../src/matter/invoke.js";
import { MatterIssuer } from "../../src/matter/issuer.js";
import { prepareWrite } from "../../src/matter/write.js";
import { StackWorld, type StackSnapshot } from "../../sim/stack/index.js";
import { withAdministrator } from "./administrator.js";
import type { IssueNoc } from "./certificates.js";
import { clustersOf, undoAll } from "./clusters.js";
import type { TruthDevice } from "./device.js";
import { path, read } from "./requests.js";
import type { Ask } from "./truth-cluster.js";

const CONTROLLER = "controller";
const DEVICE = "device";
const DEADLINE_MS = 30_000;
/** matter.js keeps something of each binding that it went looking for. */
const SEQUENCES_PER_WORLD = 60;
const LISTENERS_MAX = 1000;
const RECONNECTIONS_MAX = 5;
const BREADCRUMB = path(0, GeneralCommissioning.id, GeneralCommissioning.attributes.breadcrumb);

interface Fixture {
    readonly node: NodeId;
    readonly administrator: bigint;
    readonly snapshot: StackSnapshot;
}

/**
 * A commissioned matter.js node in a world of its own, as a {@link DeviceRequest} sees it: through the transport, over the in-memory network. One at a
 * time per process.
 */
export class RealNode {
    #world: StackWorld;
    readonly #fixture: Fixture;
    /** The node's state out of the box. */
    #pristine: string | undefined;
    readonly #touched = new Set<string>();
    /** Begun in this world. */
    #sequences = 0;
    /** Worlds taken from the snapshot because commands could not undo what a sequence did, or to forget what matter.js keeps. */
    restored = 0;

    private constructor(
        readonly device: TruthDevice,
        world: StackWorld,
        fixture: Fixture,
    ) {
        this.#world = world;
        this.#fixture = fixture;
    }

    static async create(device: TruthDevice): Promise<RealNode> {
        // Nodes that look for the targets of bindings listen many times to one signal, which Node.js would warn of.
        setMaxListeners(LISTENERS_MAX);
        const world = new StackWorld({ seed: "truth" });
        try {
            await world.addController(CONTROLLER);
            await world.addDevice(DEVICE, device.spec);
            const node = await world.commission(CONTROLLER, DEVICE);
            await world.untilSubscribed();
            const administrator = await commissionerOf(request => askIn(world, node, request));
            const ask: Ask = request => askIn(world, node, withAdministrator(request, administrator));
            await device.prepare(world, DEVICE);
            await undoAll(clustersOf(device.name), ask);
            return new RealNode(device, world, { node, administrator, snapshot: world.snapshot() });
        } catch (error) {
            await world.close();
            throw error;
        }
    }

    get world(): StackWorld {
        return this.#world;
    }

    readonly ask: Ask = async request => {
        const answer = await askIn(this.#world, this.#fixture.node, withAdministrator(request, this.administrator));
        if (endsSessions(request)) {
            await this.#reconnect();
        }
        return answer;
    };

    /** With the controller's certificate authority, as it certified the node when it commissioned it. */
    readonly issueNoc: IssueNoc = async (request, caseAuthenticatedTags) => {
        const issuer = new MatterIssuer(this.#world.node(CONTROLLER));
        const result = await this.#world.until(
            issuer.issue(this.#fixture.node, { ...request, caseAuthenticatedTags, notAfterAtLeastS: null }, { deadlineMs: DEADLINE_MS }),
        );
        return "noc" in result ? result.noc : undefined;
    };

    /** Let virtual time pass. */
    async wait(ms: number): Promise<void> {
        if (ms > 0) {
            await this.#world.advance(ms);
            await this.#reconnect();
        }
    }

    /** A node with other certificates gives up its sessions, and the controller notices when it asks next. */
    async #reconnect(): Promise<void> {
        const { node } = this.#fixture;
        for (let attempt = 0; attempt < RECONNECTIONS_MAX; attempt++) {
            if ((await askIn(this.#world, node, read(BREADCRUMB))).kind === "value") {
                return;
            }
            await this.#world.until(this.#world.transport().renewSession(node, { deadlineMs: DEADLINE_MS }));
        }
    }

    get nodeId(): bigint {
        return this.#fixture.node;
    }

    /** Commands of this cluster are on their way: {@link reset} must undo them. */
    touch(cluster: string): void {
        this.#touched.add(cluster);
    }

    /** The controller's node id. */
    get administrator(): bigint {
        return this.#fixture.administrator;
    }

    /** What no attribute tells. */
    inside(): string {
        return clustersOf(this.device.name).flatMap(cluster => (cluster.inside === undefined ? [] : [cluster.inside.real(this.#world, DEVICE)])).join("\n");
    }

    /**
     * As out of the box.
     *
     * @param look tells the node's state as text; the same at each call for the same state
     */
    async reset(look: () => Promise<string>): Promise<void> {
        await undoAll(clustersOf(this.device.name).filter(({ name }) => this.#touched.has(name)), this.ask);
        this.#touched.clear();
        this.#pristine ??= await look();
        this.#sequences++;
        if (this.#sequences > SEQUENCES_PER_WORLD || (await look()) !== this.#pristine) {
            this.restored++;
            this.#sequences = 1;
            await this.#world.close();
            this.#world = await StackWorld.restore(this.#fixture.snapshot, { seed: `truth ${this.restored}` });
            await this.device.prepare(this.#world, DEVICE);
            await undoAll(clustersOf(this.device.name), this.ask);
            await look();
        }
    }

    async close(): Promise<void> {
        await this.#world.close();
    }
}

/** Whether matter.js refuses to encode the request, so that no device ever sees it. */
export function isRefusedByClient(request: DeviceRequest): boolean {
    try {
        if (request.op === "write") {
            prepareWrite(request, undefined);
        } else if (request.op === "invoke") {
            prepareInvoke(request, undefined);
        }
        return false;
    } catch {
        return true;
    }
}

/** The subject of the entry that commissioning leaves. */
async function commissionerOf(ask: Ask): Promise<bigint> {
    const answer = await ask(read(path(0, AccessControl.id, AccessControl.attributes.acl)));
    const [entry] = answer.kind === "value" ? (answer.value as readonly { readonly subjects: readonly bigint[] }[]) : [];
    if (entry === undefined) {
        throw new Error("the commissioned node shows no access control entry; has commissioning failed?");
    }
    return entry.subjects[0]!;
}

/** UpdateNOC, and what confirms or undoes it. */
function endsSessions(request: DeviceRequest): boolean {
    return (
        request.op === "invoke" &&
        (request.cluster === GeneralCommissioning.id || (request.cluster === OperationalCredentials.id && request.command === OperationalCredentials.commands.updateNoc))
    );
}

function askIn(world: StackWorld, node: NodeId, request: DeviceRequest): Promise<DeviceAnswer> {
    return world.until(world.transport().request(node, request, { deadlineMs: DEADLINE_MS }));
}
