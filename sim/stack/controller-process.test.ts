import { describe, expect, it } from "vitest";
import type { DeviceAnswer } from "../../src/core/device.js";
import { nodeId } from "../../src/core/ids.js";
import type { Store, Transport, TransportEvent } from "../../src/core/ports.js";
import { ControllerProcess } from "./controller-process.js";
import * as send from "./requests.fixture.js";
import { VirtualTime } from "./virtual-time.js";

const NODE = nodeId(1n);
const ANSWER: DeviceAnswer = { kind: "status", status: 0 };

function harness() {
    const time = new VirtualTime(0);
    const observers: ((event: TransportEvent) => void)[] = [];
    const transport: Transport = {
        request: () => Promise.resolve(ANSWER),
        observe: observer => {
            observers.push(observer);
            return () => {};
        },
        close: () => Promise.resolve(),
    };
    const wakes: (() => void)[] = [];
    const clock = { monoMs: () => 1, wallMs: () => 2, wakeAt: (_at: number, wake: () => void) => (wakes.push(wake), () => {}) };
    const entropy = { below: () => 0, bytes: (length: number) => new Uint8Array(length) };
    const process = new ControllerProcess(time, { transport, clock, entropy });
    const heard: string[] = [];
    process.transport.observe(({ type }) => heard.push(type));
    process.clock.wakeAt(5, () => heard.push("wake"));
    const happen = () => {
        for (const observer of observers) {
            observer({ type: "reachable", node: NODE });
        }
        for (const wake of wakes) {
            wake();
        }
    };
    const ask = () => process.transport.request(NODE, send.readGroupKeyMap(), { deadlineMs: 1 }).then(({ kind }) => heard.push(kind));
    return { time, process, heard, happen, ask };
}

describe("a program on a controller's machine", () => {
    it("renews sessions and has certificates issued while the machine runs, and hears nothing of it afterwards", async () => {
        const time = new VirtualTime(0);
        const transport = { request: async () => ANSWER, renewSession: async () => ANSWER, observe: () => () => {}, close: async () => {} };
        const clock = { monoMs: () => 1, wallMs: () => 2, wakeAt: () => () => {} };
        const process = new ControllerProcess(time, { transport, clock, entropy: { below: () => 0, bytes: length => new Uint8Array(length) } });
        const issuer = process.issuer({ nonce: async () => new Uint8Array(32), issue: async () => ({ refusal: "no", isFinal: true }) });
        const heard: string[] = [];
        const use = () => {
            void process.transport.renewSession!(NODE, { deadlineMs: 1 }).then(({ kind }) => heard.push(kind));
            void issuer.nonce().then(nonce => heard.push(`${nonce.length} bytes`));
            void issuer.issue(NODE, {} as never, { deadlineMs: 1 }).then(result => heard.push(Object.keys(result)[0]!));
        };
        use();
        await time.settle();
        expect(heard).toEqual(["status", "32 bytes", "refusal"]);
        use();
        process.kill();
        use();
        await time.settle();
        expect(heard).toHaveLength(3);
    });

    it("hears answers, events and wakes while the machine runs", async () => {
        const { heard, happen, ask } = harness();
        await ask();
        happen();
        expect(heard).toEqual(["status", "reachable", "wake"]);
    });

    it("hears nothing any more after a power cut, of what was under way or is new", async () => {
        const { time, process, heard, happen, ask } = harness();
        void ask();
        process.kill();
        void ask();
        happen();
        await time.settle();
        expect(heard).toEqual([]);
        expect(process.isAlive).toBe(false);
    });

    it("writes to its store while time stands still, and not at all once it is dead", async () => {
        const { time, process, heard } = harness();
        const DISK_MS = 20;
        let commits = 0;
        const disk: Store = {
            open: () => Promise.reject(new Error("LOCKED")),
            commit: () => new Promise(resolve => setTimeout(() => resolve(void commits++), DISK_MS)),
            close: () => Promise.resolve(),
        };
        const store = process.store(disk);
        void store.commit({ id: 1, puts: [] }).then(() => heard.push(`durable@${time.elapsedMs}`));
        await time.advance(1_000);
        expect(heard).toEqual(["durable@0"]);
        await expect(store.open()).rejects.toThrow("LOCKED");
        process.kill();
        void store.commit({ id: 2, puts: [] });
        await time.settle();
        expect(commits).toBe(1);
    });
});
