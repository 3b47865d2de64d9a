import type { DeviceAnswer } from "../../src/core/device.js";
import type { MemberSpec } from "../target.js";
import { Member } from "./member.js";
import { VirtualTime } from "./virtual-time.js";
import type { WireRequest } from "./wire-request.js";

/** The server's clock when a world begins: seconds since 2000-01-01 (some day in 2026). */
const START_EPOCH_S = 830_000_000;

/** What a server in this process sees of the world. */
export interface ServerPort {
    readonly time: VirtualTime;
    /** Seconds since 2000-01-01. */
    nowEpochS(): number;
    request(nodeId: number, request: WireRequest): Promise<DeviceAnswer>;
    /** Told when a member is announced to be back. */
    onReachable: (nodeId: number) => void;
}

/** Virtual time and the member nodes of one case. */
export class World implements ServerPort {
    readonly time = new VirtualTime();
    readonly members = new Map<number, Member>();
    onReachable: (nodeId: number) => void = () => {};

    constructor(private readonly server: { readonly nodeId: bigint; readonly catVersion: number }) {}

    nowEpochS(): number {
        return START_EPOCH_S + Math.floor(this.time.nowMs / 1000);
    }

    add(spec: MemberSpec): void {
        this.members.set(spec.nodeId, new Member(spec, this.time, this.server));
    }

    /** @throws RangeError for a node that was not added */
    member(nodeId: number): Member {
        const member = this.members.get(nodeId);
        if (member === undefined) {
            throw new RangeError(`there is no member node ${nodeId}`);
        }
        return member;
    }

    async request(nodeId: number, request: WireRequest): Promise<DeviceAnswer> {
        const member = this.members.get(nodeId);
        if (member === undefined) {
            await this.time.sleep(1000);
            return { kind: "notSent", reason: "no such node" };
        }
        return member.request(request);
    }

    setReachable(nodeId: number, reachable: boolean, announced: boolean): void {
        this.member(nodeId).isReachable = reachable;
        if (reachable && announced) {
            this.onReachable(nodeId);
        }
    }

    get outstanding(): number {
        let sum = 0;
        for (const member of this.members.values()) {
            sum += member.outstanding;
        }
        return sum;
    }

    /** Until no request has been outstanding for a while, or the time is over. */
    async settle(boundMs: number): Promise<void> {
        const endMs = this.time.nowMs + boundMs;
        let quietSinceMs = this.time.nowMs;
        while (this.time.nowMs < endMs && this.time.nowMs - quietSinceMs < QUIET_MS) {
            await this.time.runUntil(Math.min(endMs, this.time.nowMs + STEP_MS));
            if (this.outstanding > 0 && this.#isMoving()) {
                quietSinceMs = this.time.nowMs;
            }
        }
    }

    /** Held requests do not count: nothing happens until somebody releases them. */
    #isMoving(): boolean {
        return [...this.members.values()].some(member => member.outstanding > member.heldCount);
    }
}

/** Longer than what servers wait for before they begin (5 s), short enough not to reach a clean-up. */
const QUIET_MS = 10_000;
const STEP_MS = 500;
