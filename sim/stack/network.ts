import { Millis, MockNetwork, type MockRouter, NetworkSimulator, type UdpSocketOptions } from "@matter/general";
import type { SeededRandom } from "./random.js";
import type { VirtualTime } from "./virtual-time.js";

/** A packet that one host is about to receive. */
export interface Packet {
    readonly from: string;
    readonly to: string;
    readonly destPort: number;
    readonly payload: Uint8Array;
    /** Sent to a group address (mDNS, group messages). */
    readonly multicast: boolean;
}

/** What happens to a packet. */
export type Verdict = "pass" | "drop" | { readonly delayMs: number };

/** One machine in the in-memory network. It never touches a real interface. */
class SimHost extends MockNetwork {
    #dead = false;

    constructor(simulator: NetworkSimulator, index: number) {
        const hex = index.toString(16).padStart(4, "0");
        const mac = `00:11:22:33:${hex.slice(0, 2)}:${hex.slice(2)}`;
        super(simulator, mac, [`abcd::${index.toString(16)}`, `10.10.${index >> 8}.${index & 0xff}`]);
    }

    override async createUdpSocket(options: UdpSocketOptions) {
        const socket = await super.createUdpSocket(options);
        const send = socket.send.bind(socket);
        socket.send = async (...args) => {
            if (!this.#dead) {
                await send(...args);
            }
        };
        return socket;
    }

    /** Cut off for good; a successor may take over the same addresses. */
    kill(): void {
        this.#dead = true;
        this.simulator.router.delete(this.router);
    }
}

/**
 * The network between the nodes of a world. All faults may be changed at any time and act on packets from then on. Hosts are named
 * by node id.
 */
export class StackNetwork {
    /** Hosts that neither send nor receive. */
    readonly offline = new Set<string>();
    /** Packets lost, in thousandths. */
    lossPermille = 0;
    latencyMs = 0;
    /** Added to the latency: uniform from 0 to this. */
    jitterMs = 0;
    /** Decides about a packet first; undefined leaves it to the faults above. */
    rule: ((packet: Packet) => Verdict | undefined) | undefined;
    /** Told of every packet and its fate; for traces. */
    onPacket: ((packet: Packet, verdict: Verdict) => void) | undefined;
    readonly counts = { sent: 0, dropped: 0, bytes: 0 };
    /**
     * Whether a host hears another's multicast. Each host parses everything it hears: in worlds of more than about 15 devices let only
     * the controllers be heard and hear.
     */
    hears: (from: string, to: string) => boolean = () => true;

    readonly #simulator = new NetworkSimulator();
    readonly #time: VirtualTime;
    readonly #random: SeededRandom;
    readonly #hosts = new Map<string, SimHost>();
    readonly #ownerOfAddress = new Map<string, string>();
    #sides: ReadonlyMap<string, number> | undefined;

    constructor(time: VirtualTime, random: SeededRandom) {
        this.#time = time;
        this.#random = random;
    }

    /** Put a machine on the network; `index` gives it its addresses. */
    connect(id: string, index: number): MockNetwork {
        const host = new SimHost(this.#simulator, index);
        this.#hosts.set(id, host);
        const { ipV4, ipV6 } = host.getIpMac("fake0");
        for (const address of [...ipV4, ...ipV6]) {
            this.#ownerOfAddress.set(address, id);
        }
        host.router.intercept((packet, deliver) => this.#receive(id, host, packet, deliver));
        return host;
    }

    /** Cut a machine off for good: its process is gone. */
    kill(id: string): void {
        this.#hosts.get(id)?.kill();
        this.#hosts.delete(id);
    }

    /** Split the network; hosts that no side names stand alone. */
    partition(...sides: readonly (readonly string[])[]): void {
        this.#sides = new Map(sides.flatMap((side, index) => side.map(id => [id, index] as const)));
    }

    /** No faults from now on. */
    heal(): void {
        this.offline.clear();
        this.#sides = undefined;
        this.lossPermille = this.latencyMs = this.jitterMs = 0;
        this.rule = undefined;
    }

    /** Called once for each host and packet, since the simulator is one shared medium. */
    #receive(to: string, host: SimHost, raw: MockRouter.Packet, deliver: MockRouter.Route): void {
        const from = this.#ownerOfAddress.get(raw.sourceAddress) ?? raw.sourceAddress;
        const owner = this.#ownerOfAddress.get(raw.destAddress);
        const multicast = owner === undefined;
        const isForUs = multicast ? host.shouldReceive(raw.destAddress) && this.hears(from, to) : owner === to;
        if (from === to || !isForUs) {
            return;
        }
        const packet = { from, to, destPort: raw.destPort, payload: new Uint8Array(raw.payload as Uint8Array), multicast };
        const verdict = this.#judge(packet);
        this.counts.sent++;
        this.counts.bytes += packet.payload.byteLength;
        this.onPacket?.(packet, verdict);
        if (verdict === "drop") {
            this.counts.dropped++;
        } else if (verdict === "pass") {
            deliver(raw);
        } else {
            this.#deliverLater(to, raw, deliver, verdict.delayMs);
        }
    }

    #deliverLater(to: string, raw: MockRouter.Packet, deliver: MockRouter.Route, delayMs: number): void {
        this.#time
            .getTimer(`packet to ${to}`, Millis(delayMs), () => {
                // What is in flight when the cable is pulled does not arrive.
                if (!this.offline.has(to)) {
                    deliver(raw);
                }
            })
            .start();
    }

    #judge(packet: Packet): Verdict {
        const { from, to } = packet;
        if (this.offline.has(to) || this.offline.has(from)) {
            return "drop";
        }
        if (this.#sides !== undefined && (this.#sides.get(from) ?? from) !== (this.#sides.get(to) ?? to)) {
            return "drop";
        }
        const ruled = this.rule?.(packet);
        if (ruled !== undefined) {
            return ruled;
        }
        if (this.lossPermille > 0 && this.#random.below(1000) < this.lossPermille) {
            return "drop";
        }
        if (this.latencyMs === 0 && this.jitterMs === 0) {
            return "pass";
        }
        return { delayMs: this.latencyMs + this.#random.below(this.jitterMs + 1) };
    }
}
