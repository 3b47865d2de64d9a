import { Status } from "../../src/core/status.js";
import { attributeNames } from "../specification.js";
import type { Accessor, Fault, Identity, InvokeAnswer, MemberSpec, MemberState, OtherChange, ReadAnswer, Report, Session, Snapshot, Traffic } from "../target.js";
import { copyOf, type Fields, type Value } from "../values.js";
import type { World } from "../world/world.js";
import type { InProcessServer } from "./in-process-server.js";

const ADMINISTRATOR: Accessor = { kind: "administrator" };
/** No command waits longer for its answer. */
const ANSWER_MS = 60_000;

/** How servers of one kind are made and looked into. */
export interface ServerFactory {
    /** A server over what is stored; stored is nothing for the first. */
    create(): InProcessServer;
    /** The server dies after its n-th durable write from now. */
    killAfterWrites(count: number): void;
    readonly identity: Identity;
    finds(where: "storage" | "log", bytes: Uint8Array): boolean;
}

/** A server in this process with simulated member nodes, under virtual time. */
export class InProcessSession implements Session {
    #server: InProcessServer;
    #reports: Report[] | undefined;

    constructor(
        private readonly world: World,
        private readonly factory: ServerFactory,
    ) {
        this.#server = factory.create();
        this.#server.start();
    }

    /** The server that runs now: one that died is started again from what it stored. */
    get #live(): InProcessServer {
        if (this.#server.isDead) {
            const server = (this.#server = this.factory.create());
            server.onReport = report => this.#reports?.push(report);
            server.start();
        }
        return this.#server;
    }

    async invoke(command: string, fields: Fields, accessor = ADMINISTRATOR): Promise<InvokeAnswer> {
        const server = this.#live;
        const refusal = this.#refusal(server, accessor);
        if (refusal !== Status.SUCCESS) {
            return { status: refusal };
        }
        const status = await this.#answer(server, server.command(command, copyOf(fields as never)));
        return { status: status ?? -1 };
    }

    /** Lets time pass until the server has answered; undefined if it died or does not answer. */
    async #answer<T>(server: InProcessServer, answer: T | Promise<T>): Promise<T | undefined> {
        let result: { readonly value: T } | undefined;
        void Promise.resolve(answer).then(value => {
            result = { value };
        });
        await this.world.time.runUntil(this.world.time.nowMs + ANSWER_MS, () => result !== undefined || server.isDead);
        return server.isDead ? undefined : (result)?.value;
    }

    #refusal(server: InProcessServer, accessor: Accessor): number {
        if (!server.isServing) {
            return Status.UNSUPPORTED_CLUSTER;
        }
        return server.grants(accessor) ? Status.SUCCESS : Status.UNSUPPORTED_ACCESS;
    }

    async read(attribute: string, accessor = ADMINISTRATOR): Promise<ReadAnswer> {
        const server = this.#live;
        const refusal = this.#refusal(server, accessor);
        if (refusal !== Status.SUCCESS) {
            return { status: refusal };
        }
        const value = server.attributes[attribute];
        return value === undefined ? { status: Status.UNSUPPORTED_ATTRIBUTE } : { status: Status.SUCCESS, value: copyOf(value as never) };
    }

    async readAll(accessor = ADMINISTRATOR): Promise<Snapshot> {
        const server = this.#live;
        const isRefused = this.#refusal(server, accessor) !== Status.SUCCESS;
        return isRefused ? { attributes: {} } : { attributes: copyOf(server.attributes as never), dataVersion: server.dataVersion };
    }

    async write(attribute: string, _value: Value, accessor = ADMINISTRATOR): Promise<number> {
        const refusal = this.#refusal(this.#live, accessor);
        if (refusal !== Status.SUCCESS) {
            return refusal;
        }
        return attributeNames.includes(attribute) ? Status.UNSUPPORTED_WRITE : Status.UNSUPPORTED_ATTRIBUTE;
    }

    /** Primed with what is there now, as a subscription is. */
    async subscribe(): Promise<void> {
        const server = this.#live;
        const atMs = this.world.time.nowMs;
        this.#reports = Object.entries(server.attributes).map(([attribute, value]) => ({ attribute, value: copyOf(value as never), atMs }));
        server.onReport = report => this.#reports?.push(report);
    }

    async reports(): Promise<readonly Report[]> {
        const reports = this.#reports ?? [];
        this.#reports = [];
        return reports;
    }

    async addMember(spec: MemberSpec): Promise<void> {
        this.world.add(spec);
    }

    async memberState(nodeId: number): Promise<MemberState> {
        return this.world.member(nodeId).state;
    }

    async traffic(nodeId: number): Promise<readonly Traffic[]> {
        return [...this.world.member(nodeId).traffic];
    }

    async setReachable(nodeId: number, reachable: boolean, announced = false): Promise<void> {
        this.world.setReachable(nodeId, reachable, announced);
    }

    async addFault(nodeId: number, fault: Fault): Promise<void> {
        this.world.member(nodeId).addFault(fault);
    }

    async release(nodeId: number): Promise<void> {
        this.world.member(nodeId).release();
        await this.world.time.runUntil(this.world.time.nowMs);
    }

    async otherChange(nodeId: number, change: OtherChange): Promise<number> {
        return this.world.member(nodeId).change(change);
    }

    async setEndpoint(nodeId: number, endpoint: number, present: boolean): Promise<void> {
        const { node } = this.world.member(nodeId);
        if (present) {
            node.restoreEndpoint(endpoint);
        } else {
            node.removeEndpoint(endpoint, true);
        }
    }

    async factoryReset(nodeId: number): Promise<void> {
        this.world.member(nodeId).factoryReset();
    }

    async settle(boundMs: number): Promise<void> {
        void this.#live;
        await this.world.settle(boundMs);
        void this.#live;
    }

    async advance(ms: number): Promise<void> {
        void this.#live;
        await this.world.time.runUntil(this.world.time.nowMs + ms);
    }

    async nowEpochS(): Promise<number> {
        return this.world.nowEpochS();
    }

    async restart(): Promise<void> {
        await this.kill();
    }

    async kill(): Promise<void> {
        this.#server.isDead = true;
        void this.#live;
    }

    async killAfterWrites(count: number): Promise<void> {
        this.factory.killAfterWrites(count);
    }

    async identity(): Promise<Identity> {
        return this.factory.identity;
    }

    async finds(where: "storage" | "log", bytes: Uint8Array): Promise<boolean> {
        return this.factory.finds(where, bytes);
    }

    async form(): Promise<void> {
        const server = this.#live;
        await this.#answer(server, server.form());
    }

    async removeFabric(which: "joint" | "other"): Promise<void> {
        if (which === "joint") {
            const server = this.#live;
            await this.#answer(server, server.removeFabric());
        }
    }

    async transfer(
        step: "request" | "complete",
        { consent = true, accessor = ADMINISTRATOR }: { readonly consent?: boolean; readonly accessor?: Accessor },
    ): Promise<InvokeAnswer> {
        const server = this.#live;
        const refusal = this.#refusal(server, accessor);
        return refusal === Status.SUCCESS ? ((await this.#answer(server, server.transfer(step, consent))) ?? { status: -1 }) : { status: refusal };
    }

    async close(): Promise<void> {
        this.#server.isDead = true;
    }
}
