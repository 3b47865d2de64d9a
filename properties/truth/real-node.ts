import { setMaxListeners } from "node:events";
import { AccessControl } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceRequest } from "../../src/core/device.js";
import type { NodeId } from "../../src/core/ids.js";
import { prepareInvoke } from "../../src/matter/invoke.js";
import { prepareWrite } from "../../src/matter/write.js";
import { StackWorld, type StackSnapshot } from "../../sim/stack/index.js";
import { withAdministrator } from "./administrator.js";
import { truthClusters } from "./clusters.js";
import { ENDPOINTS, LIMITS } from "./composition.js";
import { path, read } from "./requests.js";
import type { Ask } from "./truth-cluster.js";
import { answerText } from "./value-text.js";

const CONTROLLER = "controller";
const DEVICE = "device";
const DEADLINE_MS = 30_000;
/** matter.js keeps something of each binding that it went looking for. */
const SEQUENCES_PER_WORLD = 60;
const LISTENERS_MAX = 1000;

interface Fixture {
    readonly node: NodeId;
    readonly administrator: bigint;
    readonly snapshot: StackSnapshot;
    /** What the observed attributes and the inside tell out of the box. */
    readonly pristine: string;
}

/**
 * A commissioned matter.js node in a world of its own, as a {@link DeviceRequest} sees it: through the transport, over the in-memory network. One at a
 * time per process.
 */
export class RealNode {
    #world: StackWorld;
    readonly #fixture: Fixture;
    /** Begun in this world. */
    #sequences = 0;
    /** Worlds taken from the snapshot because commands could not undo what a sequence did, or to forget what matter.js keeps. */
    restored = 0;

    private constructor(world: StackWorld, fixture: Fixture) {
        this.#world = world;
        this.#fixture = fixture;
    }

    static async create(): Promise<RealNode> {
        // Nodes that look for the targets of bindings listen many times to one signal, which Node.js would warn of.
        setMaxListeners(LISTENERS_MAX);
        const world = new StackWorld({ seed: "truth" });
        try {
            await world.addController(CONTROLLER);
            await world.addDevice(DEVICE, { kind: "switch", endpoints: ENDPOINTS, bindings: true, ...LIMITS });
            const node = await world.commission(CONTROLLER, DEVICE);
            await world.untilSubscribed();
            const administrator = await commissionerOf(request => askIn(world, node, request));
            const ask: Ask = request => askIn(world, node, withAdministrator(request, administrator));
            await undoAll(ask);
            return new RealNode(world, { node, administrator, snapshot: world.snapshot(), pristine: await stateOf(world, ask) });
        } catch (error) {
            await world.close();
            throw error;
        }
    }

    get world(): StackWorld {
        return this.#world;
    }

    readonly ask: Ask = request => askIn(this.#world, this.#fixture.node, withAdministrator(request, this.administrator));

    /** The controller's node id. */
    get administrator(): bigint {
        return this.#fixture.administrator;
    }

    /** What no attribute tells. */
    inside(): string {
        return insideOf(this.#world);
    }

    /** As out of the box. */
    async reset(): Promise<void> {
        await undoAll(this.ask);
        this.#sequences++;
        if (this.#sequences > SEQUENCES_PER_WORLD || (await stateOf(this.#world, this.ask)) !== this.#fixture.pristine) {
            this.restored++;
            this.#sequences = 1;
            await this.#world.close();
            this.#world = await StackWorld.restore(this.#fixture.snapshot, { seed: `truth ${this.restored}` });
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

async function undoAll(ask: Ask): Promise<void> {
    for (const cluster of truthClusters) {
        await cluster.undo(ask);
    }
}

function askIn(world: StackWorld, node: NodeId, request: DeviceRequest): Promise<DeviceAnswer> {
    return world.until(world.transport().request(node, request, { deadlineMs: DEADLINE_MS }));
}

async function stateOf(world: StackWorld, ask: Ask): Promise<string> {
    const told: string[] = [insideOf(world)];
    for (const { observed } of truthClusters) {
        for (const at of observed) {
            const request = read(at);
            told.push(answerText(request, await ask(request)));
        }
    }
    return told.join("\n");
}

function insideOf(world: StackWorld): string {
    return truthClusters.flatMap(({ inside }) => (inside === undefined ? [] : [inside.real(world, DEVICE)])).join("\n");
}
