import { Bytes, type MockNetwork } from "@matter/general";
import { describe, expect, it, beforeEach, afterEach } from "vitest";
import { occupyGlobals } from "./globals.js";
import { StackNetwork } from "./network.js";
import { SeededRandom } from "./random.js";
import { VirtualTime } from "./virtual-time.js";

const PORT = 5540;
const GROUP = "ff02::fb";

let time: VirtualTime;
let network: StackNetwork;
let hosts: Map<string, MockNetwork>;
let received: string[];
let release: () => void;

beforeEach(async () => {
    time = new VirtualTime(0);
    release = occupyGlobals(time, "network");
    network = new StackNetwork(time, new SeededRandom("network"));
    hosts = new Map();
    received = [];
    for (const [index, id] of ["a", "b", "c"].entries()) {
        await plug(id, index + 1);
    }
});

afterEach(() => release());

async function plug(id: string, index: number): Promise<void> {
    const host = network.connect(id, index);
    const socket = await host.createUdpSocket({ type: "udp6", listeningPort: PORT });
    socket.onData((_interface, _from, _port, data) => void received.push(`${id}:${Bytes.toString(data)}@${time.elapsedMs}`));
    void socket.addMembership(GROUP);
    hosts.set(id, host);
}

async function sendFrom(id: string, to: string, text: string): Promise<void> {
    const socket = await hosts.get(id)!.createUdpSocket({ type: "udp6" });
    void socket.send(hosts.get(to)?.getIpMac("fake0").ipV6[0] ?? to, PORT, Bytes.fromString(text));
    await time.settle();
}

describe("the network of a stack world", () => {
    it("delivers to the one addressed, and group messages to everybody else", async () => {
        await sendFrom("a", "b", "hello");
        await sendFrom("a", GROUP, "all");
        expect(received).toEqual(["b:hello@0", "b:all@0", "c:all@0"]);
    });

    it("loses what goes to or comes from a host that is offline", async () => {
        network.offline.add("b");
        await sendFrom("a", "b", "to");
        await sendFrom("b", "a", "from");
        expect(received).toEqual([]);
        expect(network.counts).toMatchObject({ sent: 2, dropped: 2 });
    });

    it("keeps the sides of a partition apart, and a host that no side names alone", async () => {
        network.partition(["a", "b"]);
        await sendFrom("a", "b", "same");
        await sendFrom("a", "c", "other");
        network.partition(["a"], ["b", "c"]);
        await sendFrom("a", "b", "split");
        network.heal();
        await sendFrom("a", "b", "healed");
        expect(received).toEqual(["b:same@0", "b:healed@0"]);
    });

    it("delays, within latency and jitter, and drops in flight what finds its receiver gone", async () => {
        Object.assign(network, { latencyMs: 20, jitterMs: 10 });
        await sendFrom("a", "b", "slow");
        await time.advance(19);
        expect(received).toEqual([]);
        await time.advance(11);
        expect(received).toHaveLength(1);
        await sendFrom("a", "b", "lost");
        network.offline.add("b");
        await time.advance(100);
        expect(received).toHaveLength(1);
    });

    it("loses the share asked for", async () => {
        network.lossPermille = 300;
        const SENT = 300;
        for (let i = 0; i < SENT; i++) {
            await sendFrom("a", "b", "x");
        }
        expect(network.counts.dropped).toBeGreaterThan(0.2 * SENT);
        expect(network.counts.dropped).toBeLessThan(0.4 * SENT);
    });

    it("asks the rule first, packet by packet", async () => {
        network.rule = ({ from, payload }) => (from === "a" && payload.length === 3 ? "drop" : undefined);
        await sendFrom("a", "b", "one");
        await sendFrom("a", "b", "three");
        network.rule = () => ({ delayMs: 7 });
        await sendFrom("a", "b", "late");
        await time.advance(7);
        expect(received).toEqual(["b:three@0", "b:late@7"]);
    });

    it("lets a multicast be heard only by those who may", async () => {
        network.hears = (_from, to) => to === "c";
        await sendFrom("a", GROUP, "all");
        await sendFrom("a", "b", "unicast");
        expect(received).toEqual(["c:all@0", "b:unicast@0"]);
    });

    it("lets a successor take over the addresses of a host that was killed", async () => {
        network.kill("b");
        await sendFrom("b", "a", "ghost");
        await plug("b", 2);
        await sendFrom("a", "b", "hello");
        expect(received).toEqual(["b:hello@0"]);
    });
});
