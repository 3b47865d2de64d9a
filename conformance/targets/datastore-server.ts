import type { Command, CommandResult, Formation } from "../../src/core/command.js";
import type { DeviceRequest } from "../../src/core/device.js";
import type { Effect } from "../../src/core/effect.js";
import { nodeId } from "../../src/core/ids.js";
import type { InputBody } from "../../src/core/input.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import { Status } from "../../src/core/status.js";
import type { DurableRecord, StoreBatch, TableName } from "../../src/core/store.js";
import { Datastore, type DatastoreLimits } from "../../src/jfds/index.js";
import { Manager } from "../../src/tasks/manager.js";
import { Random } from "../../sim/random.js";
import { fingerprintOf } from "../evidence.js";
import { ADMINISTRATOR_CAT } from "../specification.js";
import type { Accessor, Report, ServerLimits, Setup } from "../target.js";
import { equal, isFields, type Fields, type Value } from "../values.js";
import type { World } from "../world/world.js";
import type { InProcessServer } from "./in-process-server.js";

/** Seconds from 1970 to 2000. */
const EPOCH_2000_S = 946_684_800;
const STORE_MS = 1;

/** What outlives a datastore: the tables of its store. */
export type StoredTables = { readonly [T in TableName]: Map<number, DurableRecord> };

export function emptyStore(): StoredTables {
    return { meta: new Map(), node: new Map(), item: new Map(), keySet: new Map(), run: new Map(), jfds: new Map() };
}

/** Writes are counted, so that a server can be ended after the n-th. */
export interface CountedStore {
    readonly tables: StoredTables;
    writes: number;
    killAt: number;
}

/** The pure datastore in a shell of virtual time: what it asks of nodes goes through the world, what it stores is durable a moment later. */
export class DatastoreServer implements InProcessServer {
    isDead = false;
    dataVersion = 1;
    onReport: ((report: Report) => void) | undefined;
    #datastore!: Datastore;
    readonly #manager: Manager;
    readonly #replies = new Map<number, (result: CommandResult) => void>();
    #commands = 0;
    /** The attributes as subscribers know them. */
    #told: Fields;
    #cancelWake = () => {};

    constructor(
        private readonly world: World,
        private readonly store: CountedStore,
        setup: Setup,
        private readonly formation: Formation,
    ) {
        const random = new Random(store.writes + 1);
        const opened = Manager.open(
            {
                fabric: { rootPublicKey: `04${"ab".repeat(64)}`, fabricId: 0x1234n },
                kinds: [],
                entropy: random,
                fingerprint: fingerprintOf,
                administrator: { nodeId: formation.anchorNodeId, caseAuthenticatedTags: [((ADMINISTRATOR_CAT << 16) | (setup.requiredCatVersion ?? 1)) >>> 0] },
                extensions: [
                    (machine: ConstructorParameters<typeof Datastore>[0], image: ConstructorParameters<typeof Datastore>[2]) =>
                        (this.#datastore = new Datastore(machine, { limits: limitsOf(setup.limits ?? {}) }, image)),
                ],
            },
            store.tables,
            this.#now,
        );
        if (!opened.ok) {
            throw new RangeError(opened.error.message);
        }
        this.#manager = opened.value;
        this.#told = this.attributes;
    }

    get #now(): { readonly monoMs: number; readonly wallMs: number } {
        return { monoMs: this.world.time.nowMs, wallMs: (this.world.nowEpochS() + EPOCH_2000_S) * 1000 };
    }

    start(): void {
        this.world.onReachable = node => this.#input({ type: "reachable", node: nodeId(BigInt(node)) });
        this.#input({ type: "start" });
    }

    #input(body: InputBody): void {
        if (!this.isDead) {
            for (const effect of this.#manager.step({ ...this.#now, ...body })) {
                this.#perform(effect);
            }
        }
    }

    #perform(effect: Effect): void {
        switch (effect.type) {
            case "request":
                void this.world.request(Number(effect.node), effect.request as DeviceRequest).then(answer => this.#input({ type: "answer", request: effect.id, answer }));
                return;
            case "store":
                this.world.time.schedule(STORE_MS, () => this.#keep(effect.batch));
                return;
            case "wake":
                this.#cancelWake();
                if (effect.atMonoMs !== null) {
                    this.#cancelWake = this.world.time.schedule(effect.atMonoMs - this.world.time.nowMs, () => this.#input({ type: "wake" }));
                }
                return;
            case "reply":
                this.#replies.get(effect.command)?.(effect.result);
                this.#replies.delete(effect.command);
                return;
            case "event":
                if (effect.event.type === "jfdsChanged") {
                    this.#tell(effect.event.attributes);
                }
        }
    }

    #keep(batch: StoreBatch): void {
        if (this.isDead) {
            return;
        }
        for (const { table, id, record } of batch.puts) {
            if (record === null) {
                this.store.tables[table].delete(id);
            } else {
                this.store.tables[table].set(id, record);
            }
        }
        this.store.writes++;
        if (this.store.writes >= this.store.killAt) {
            this.isDead = true;
            return;
        }
        this.#input({ type: "stored", batch: batch.id, durable: true });
    }

    #tell(attributes: readonly string[]): void {
        const { nowMs } = this.world.time;
        const now = this.attributes;
        // An attribute that may have changed is named; a host reports it if it did.
        for (const attribute of attributes.filter(each => !equal(now[each], this.#told[each]))) {
            this.dataVersion++;
            this.onReport?.({ attribute, value: now[attribute], atMs: nowMs });
        }
        this.#told = now;
    }

    get attributes(): Fields {
        return plain(this.#datastore.attributes()) as Fields;
    }

    /** Not formed: the host does not offer the cluster. */
    get isServing(): boolean {
        return this.#datastore.attributes().anchorNodeId !== null;
    }

    /** Who may ask is decided by the node that hosts the datastore; this one is asked by administrators only. */
    grants(accessor: Accessor): boolean {
        return accessor.kind === "administrator";
    }

    async command(command: string, fields: Fields): Promise<number> {
        const result = await this.#send({ type: "jfds", command, fields });
        if (!result.ok) {
            return Status.FAILURE;
        }
        return result.value.type === "status" ? result.value.status : Status.SUCCESS;
    }

    #send(command: Command): Promise<CommandResult> {
        const id = ++this.#commands;
        return new Promise(resolve => {
            this.#replies.set(id, resolve);
            this.#input({ type: "command", id, command });
        });
    }

    form(): Promise<unknown> {
        return this.#send({ type: "formDatastore", formation: this.formation });
    }

    removeFabric(): Promise<unknown> {
        return this.#send({ type: "removeFabric" });
    }

    async transfer(step: "request" | "complete", consent: boolean): Promise<{ readonly status: number; readonly response?: Fields }> {
        if (step === "request" && !consent) {
            // Asked for by the host, before the datastore hears of it.
            return { status: Status.SUCCESS, response: { statusCode: 2 } };
        }
        const result = await this.#send({ type: "transferAnchor", step: step === "request" ? "begin" : "complete" });
        const status = result.ok && result.value.type === "status" ? result.value.status : result.ok ? Status.SUCCESS : Status.FAILURE;
        return step === "complete" ? { status } : { status: Status.SUCCESS, response: { statusCode: status === Status.SUCCESS ? 0 : 1 } };
    }
}

function limitsOf(limits: Partial<ServerLimits>): Partial<DatastoreLimits> {
    const given: Record<string, number | undefined> = {
        groupKeySets: limits.keySets,
        groups: limits.groups,
        nodes: limits.nodes,
        admins: limits.administrators,
        endpointGroupIds: limits.rows,
        endpointBindings: limits.rows,
        nodeKeySets: limits.rows,
        nodeAcls: limits.rows,
        owedPerNode: limits.queue,
    };
    return Object.fromEntries(Object.entries(given).filter(([, limit]) => limit !== undefined));
}

/** The host shows keys to administrators; nothing else of a view needs a change. */
function plain(value: unknown): Value {
    if (value instanceof KeyMaterial) {
        return value.reveal();
    }
    if (Array.isArray(value)) {
        return value.map(plain);
    }
    return isFields(value as Value) ? Object.fromEntries(Object.entries(value as Fields).map(([name, field]) => [name, plain(field)])) : (value as Value);
}
