import { isDeepStrictEqual } from "node:util";
import type { DeviceAnswer, DeviceRequest } from "../src/core/device.js";
import type { ManagerEvent } from "../src/core/event.js";
import { nodeId } from "../src/core/ids.js";
import { openManager, type FabricManager, type Problem } from "../src/runtime/index.js";
import type { RunInfo } from "../src/tasks/manager.js";
import { answerName } from "./answer-name.js";
import { NODE_NAMES, type BedWorld, type NodeLimits, type NodeName } from "./bed-world.js";
import { recertify } from "./recertify.js";
import { ControllerProgram, Traffic, type RecordPlace, type RequestPlace } from "./controller-program.js";
import type { DeviceTruth } from "./device-truth.js";
import type { Moment } from "./moment.js";
import type { WriteName } from "./request-name.js";
import { ScenarioFailure } from "./scenario.js";
import type { Storage } from "./storage.js";

/** The endpoints of each node that have switches, with Groups and Binding servers. */
export const SWITCH = 1;
export const SECOND_SWITCH = 2;

/** Commands and moments come soon or never. */
const SOON_MS = 10 * 60_000;
/** Everything settles within this time once nodes can be reached (DESIGN, L1). */
const SETTLED_MS = 45 * 60_000;
/** How often a device is looked at while something is waited for. */
const LOOK_MS = 100;

/** A group as scenarios know it. */
export interface Group {
    readonly groupId: number;
    readonly groupName: string;
    readonly keySetId: number;
    readonly epochKey?: Uint8Array;
}

/**
 * Where a scenario takes place: commissioned nodes, a controller, and a manager on it with its store, all under virtual time. The manager is
 * the library's own, opened as any application opens it. Nothing moves but within a call of the bed.
 */
export class Bed {
    readonly nodes: BedWorld["nodes"];
    /** The controller's own node id on the fabric. */
    readonly administrator: bigint;
    readonly shown: string[] = [];
    /** What the manager told, by whichever program, in order. */
    readonly events: ManagerEvent[] = [];
    readonly #traffic = new Traffic();
    #manager: FabricManager | undefined;
    #program: ControllerProgram | undefined;
    readonly #problems: string[] = [];

    constructor(
        private readonly world: BedWorld,
        private readonly storage: Storage,
        private readonly onShown: (fact: string) => void = () => {},
    ) {
        this.nodes = world.nodes;
        this.administrator = world.administrator;
    }

    // ---------------------------------------------------------------------------------------------------- manager

    /** Start the controller and open a manager over the store; all nodes are managed. */
    async open(): Promise<void> {
        const program = new ControllerProgram(this.world.time, this.#traffic, await this.world.startController(), this.storage.store());
        this.#program = program;
        this.#manager = await this.until(
            openManager({
                fabric: this.world.fabric,
                store: program.store,
                transport: program.transport,
                issuer: program.issuer,
                clock: program.clock,
                entropy: program.ports.entropy,
                administrator: { nodeId: nodeId(this.administrator), caseAuthenticatedTags: [] },
                onError: problem => this.#problem(problem),
            }),
            "opening the manager",
        );
        this.manager.subscribe(event => this.events.push(event));
        for (const name of NODE_NAMES) {
            await this.until(this.manager.addNode(this.nodes[name]), `adding ${name}`);
        }
    }

    /** Close the manager and shut the controller down, in order. */
    async close(): Promise<void> {
        await this.until(this.manager.close(), "closing the manager");
        this.#manager = this.#program = undefined;
        await this.world.stopController();
    }

    /** Cut the power of the controller, manager and all. */
    async cutPower(): Promise<void> {
        const killed = this.#requireProgram().kill();
        this.#manager = this.#program = undefined;
        this.world.crashController();
        await killed;
        await this.storage.crash();
    }

    /** The open manager. Its promises are to be awaited by {@link until}: time stands still otherwise. */
    get manager(): FabricManager {
        if (this.#manager === undefined) {
            throw new ScenarioFailure("the manager is not open: call open() first");
        }
        return this.#manager;
    }

    /** Begin to make a node's switch a member of a group; returns the run. */
    async join(node: NodeName, group: Group, requestId?: string): Promise<number> {
        const params = { node: this.nodes[node], endpoint: SWITCH, ...group };
        const { run } = await this.until(
            this.manager.run("addNodeToGroup", params, requestId === undefined ? {} : { requestId }),
            `admission of ${node} into group ${group.groupId}`,
        );
        return run;
    }

    async cancel(run: number): Promise<void> {
        await this.until(this.manager.cancel(run), `cancelling run ${run}`);
    }

    /** Let time pass until a run is settled. */
    async settled(run: number): Promise<RunInfo> {
        try {
            return await this.until(this.manager.awaitRun(run), `run ${run}`, SETTLED_MS);
        } catch (error) {
            const why = (this.#manager?.explain({ run }) ?? []).map(({ text }) => text).join("; because ");
            throw new ScenarioFailure(`${messageOf(error)} (${why})`, { cause: error });
        }
    }

    // ---------------------------------------------------------------------------------------------------- time

    get elapsedMs(): number {
        return this.world.time.elapsedMs;
    }

    /** Let time pass until the promise is settled. */
    until<T>(promise: PromiseLike<T>, what: string, limitMs = SOON_MS): Promise<T> {
        return this.world.time.until(promise, { what, limitMs });
    }

    advance(ms: number): Promise<void> {
        return this.world.time.advance(ms);
    }

    /** Let time pass until something is so. */
    async when(what: string, isSo: () => boolean, limitMs = SETTLED_MS): Promise<void> {
        const stopMs = this.elapsedMs + limitMs;
        while (!isSo()) {
            if (this.elapsedMs >= stopMs) {
                throw new ScenarioFailure(`not within ${limitMs} virtual ms: ${what}`);
            }
            await this.advance(LOOK_MS);
        }
    }

    // ---------------------------------------------------------------------------------------------------- trouble

    setReachable(node: NodeName, isReachable: boolean): void {
        this.world.setReachable(node, isReachable);
    }

    /** Cut a node's power and start it again. It needs a few seconds, and nobody is told. */
    reboot(node: NodeName): Promise<void> {
        return this.world.reboot(node);
    }

    /** Take an application endpoint off a node, which keeps what it holds for it. */
    removeEndpoint(node: NodeName, endpoint: number): Promise<void> {
        return this.world.removeEndpoint(node, endpoint);
    }

    restoreEndpoint(node: NodeName, endpoint: number): Promise<void> {
        return this.world.restoreEndpoint(node, endpoint);
    }

    updateSoftware(node: NodeName, limits: NodeLimits): Promise<void> {
        return this.world.updateSoftware(node, limits);
    }

    /** Hold the manager's next request of this kind, or its answer; resolves when the world is there. */
    pauseAt(node: NodeName, request: WriteName, at: RequestPlace["at"]): Moment {
        return this.#requireProgram().pauseAt({ node: this.nodes[node], request, at });
    }

    /** Hold the manager's next batch for the store: one that is not written is lost when the power is cut. */
    pauseRecord(at: RecordPlace): Moment {
        return this.#requireProgram().pauseRecord(at);
    }

    /** Let time pass until the world is held. */
    at(moment: Moment): Promise<void> {
        return this.until(moment.reached, moment.what);
    }

    /** The node carries the manager's next request of this kind out, and its answer is lost. */
    loseAnswer(node: NodeName, request: WriteName): void {
        this.#requireProgram().loseAnswer(this.nodes[node], request, areLost => this.world.setAnswersLost(node, areLost));
    }

    /** Another administrator's request: the manager knows nothing of it. */
    administer(node: NodeName, request: DeviceRequest): Promise<DeviceAnswer> {
        return this.until(this.world.administer(node, request), `another administrator's request to ${node}`);
    }

    /** Another administrator renews a node's certificate, with other tags; who issues it is the same. */
    async recertify(node: NodeName, caseAuthenticatedTags: readonly number[]): Promise<void> {
        const { issuer, transport } = this.#requireProgram().ports;
        await recertify(caseAuthenticatedTags, {
            request: request => this.administer(node, request),
            issue: async request => await this.until(issuer.issue(this.nodes[node], request, { deadlineMs: SOON_MS }), "the certificate"),
            nonce: () => this.until(issuer.nonce(), "a nonce"),
            renewSession: async () => void (await this.until(transport.renewSession!(this.nodes[node], { deadlineMs: SOON_MS }), "a new session")),
        });
    }

    // ---------------------------------------------------------------------------------------------------- truth

    /** What the device holds now. */
    truth(node: NodeName): DeviceTruth {
        return this.world.truth(node);
    }

    /** How often the manager handed a request for the node to the transport: of one kind, or any that changes the node. */
    sent(node: NodeName, request?: WriteName): number {
        return this.#traffic.writes(this.nodes[node], request).length;
    }

    /** What became of each request of this kind, in order: a status by its name, `unknown`, `notSent`, or `never` while there is no answer. */
    answers(node: NodeName, request: WriteName): string[] {
        return this.#traffic.writes(this.nodes[node], request).map(({ answer }) => answerName(answer));
    }

    /** The scenario goes on only if this is so; it is then listed as shown. */
    show(fact: string, actual: unknown, expected: unknown): void {
        if (!isDeepStrictEqual(actual, expected)) {
            throw new ScenarioFailure(`not so: ${fact}\n  is:        ${textOf(actual)}\n  should be: ${textOf(expected)}`);
        }
        this.shown.push(fact);
        this.onShown(fact);
    }

    /** Hash of everything that happened: between manager, nodes and store, and beneath. */
    traceHash(): string {
        return `${this.#traffic.hash.hex()}-${this.world.traceHash()}`;
    }

    /** The shell reported that something went wrong where nobody waits. No scenario expects that. */
    get problems(): readonly string[] {
        return this.#problems;
    }

    /** Take everything down, whatever state it is in. */
    async dispose(): Promise<void> {
        try {
            if (this.#manager !== undefined) {
                await this.close();
            }
        } finally {
            try {
                await this.world.close();
            } finally {
                await this.storage.dispose();
            }
        }
    }

    #requireProgram(): ControllerProgram {
        if (this.#program === undefined) {
            throw new ScenarioFailure("the controller is down: call open() first");
        }
        return this.#program;
    }

    #problem({ source, message }: Problem): void {
        this.#problems.push(`${source}: ${message}`);
    }
}

/** Truths and statuses hold no keys, and `KeyMaterial` shows none. */
function textOf(value: unknown): string {
    return JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? `${member}n` : member)) ?? String(value);
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
