import type { DeviceAnswer, DeviceRequest } from "../../src/core/device.js";
import type { NodeId } from "../../src/core/ids.js";
import { prepareInvoke } from "../../src/matter/invoke.js";
import { prepareWrite } from "../../src/matter/write.js";
import { StackWorld, type StackSnapshot } from "../../sim/stack/index.js";
import { truthClusters } from "./clusters.js";
import { ENDPOINTS, LIMITS } from "./composition.js";
import { read } from "./requests.js";
import type { Ask } from "./truth-cluster.js";
import { answerText } from "./value-text.js";

const CONTROLLER = "controller";
const DEVICE = "device";
const DEADLINE_MS = 30_000;

/**
 * A commissioned matter.js node in a world of its own, as a {@link DeviceRequest} sees it: through the transport, over the in-memory network. One at a
 * time per process.
 */
export class RealNode {
    #world: StackWorld;
    readonly #node: NodeId;
    readonly #snapshot: StackSnapshot;
    /** What the observed attributes and the inside tell out of the box. */
    readonly #pristine: string;
    /** Worlds taken from the snapshot because commands could not undo what a sequence did. */
    restored = 0;

    private constructor(world: StackWorld, node: NodeId, snapshot: StackSnapshot, pristine: string) {
        this.#world = world;
        this.#node = node;
        this.#snapshot = snapshot;
        this.#pristine = pristine;
    }

    static async create(): Promise<RealNode> {
        const world = new StackWorld({ seed: "truth" });
        try {
            await world.addController(CONTROLLER);
            await world.addDevice(DEVICE, { kind: "switch", endpoints: ENDPOINTS, ...LIMITS });
            const node = await world.commission(CONTROLLER, DEVICE);
            await world.untilSubscribed();
            const ask: Ask = request => askIn(world, node, request);
            await undoAll(ask);
            return new RealNode(world, node, world.snapshot(), await stateOf(world, ask));
        } catch (error) {
            await world.close();
            throw error;
        }
    }

    get world(): StackWorld {
        return this.#world;
    }

    readonly ask: Ask = request => askIn(this.#world, this.#node, request);

    /** What no attribute tells. */
    inside(): string {
        return insideOf(this.#world);
    }

    /** As out of the box. */
    async reset(): Promise<void> {
        await undoAll(this.ask);
        if ((await stateOf(this.#world, this.ask)) !== this.#pristine) {
            this.restored++;
            await this.#world.close();
            this.#world = await StackWorld.restore(this.#snapshot, { seed: `truth ${this.restored}` });
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
