import { Kind } from "./agenda.js";
import type { NodeSnapshot } from "./devices/sim-node.js";
import { carryOutDeed } from "./other-deeds.js";
import type { Incident, OtherDeed } from "./script.js";
import type { World } from "./world.js";

/** Parts of an incident. */
const Part = { BEFORE: 0, BEGIN: 1, END: 2 } as const;

type NodeIncident = Extract<Incident, { readonly node: number }>;

/** What happens to nodes and clocks without the manager. */
export class Incidents {
    /** By incident: what a power cut will go back to. */
    readonly #snapshots: (NodeSnapshot | null)[] = [];
    /** Nodes that wait to be commissioned again, or to be removed: -1, or the index of the reset. */
    readonly #resetBy: number[] = [];
    /** Nodes on which another fabric's administrator may have a fail-safe armed. */
    readonly #heldByOther: boolean[] = [];

    constructor(private readonly world: World) {}

    begin(): void {
        const { script } = this.world;
        this.#snapshots.length = 0;
        this.#resetBy.length = 0;
        this.#heldByOther.length = 0;
        for (let i = 0; i < script.incidents.length; i++) {
            const incident = script.incidents[i]!;
            if (incident.type === "powerCut") {
                this.#push(Math.max(0, incident.atMs - incident.forgetsMs), i, Part.BEFORE);
            }
            this.#push(incident.atMs, i, Part.BEGIN);
            if (incident.type === "endpointGone") {
                this.#push(incident.atMs + incident.backAfterMs, i, Part.END);
            } else if (incident.type === "flap") {
                this.#push(incident.atMs + incident.downMs, i, Part.END);
            } else if (incident.type === "otherFailSafe") {
                this.#push(incident.atMs + incident.holdMs, i, Part.END);
            }
        }
    }

    /** Endpoints are back, and what was reset is commissioned again or removed. */
    calm(): void {
        const { world } = this;
        for (let node = 0; node < world.script.nodes.length; node++) {
            const site = world.sites[node]!;
            for (const endpoint of [...site.absent]) {
                this.#endpointBack(node, endpoint, true);
            }
            if (this.#heldByOther[node] === true) {
                this.#armForOther(node, 0);
            }
            const by = this.#resetBy[node] ?? -1;
            if (!site.isOnFabric && by >= 0) {
                const incident = world.script.incidents[by]! as Extract<Incident, { type: "factoryReset" }>;
                world.caller.settleReset(node, incident.returns);
            }
        }
    }

    happen(index: number, part: number): void {
        const { world } = this;
        const incident = world.script.incidents[index]!;
        if (world.isCalm) {
            return; // calm has put an end to it
        }
        if (incident.type === "clockJump") {
            world.recorder?.incident(world.nowMs, null, incident);
            world.marks.hit("clockJump");
            world.clock.jump(incident.byMs, world.nowMs);
            return;
        }
        const site = world.sites[incident.node]!;
        if (part === Part.BEFORE) {
            this.#snapshots[index] = site.isOnFabric ? site.device.snapshot() : null;
            return;
        }
        if (!site.isOnFabric || world.isLost(incident.node)) {
            return;
        }
        world.recorder?.incident(world.nowMs, world.nodeIds[incident.node]!, incident, part === Part.END);
        if (part === Part.END) {
            this.#end(incident);
            return;
        }
        world.marks.hit(incident.type);
        this.#happen(index, incident);
    }

    /** Another administrator does something to a node. */
    deed(deed: OtherDeed): void {
        const { world } = this;
        const site = world.sites[deed.node]!;
        world.leftovers.from(deed.node, site.device, true, world.nowMs, () => carryOutDeed(site, deed));
        world.checkers.deviceChanged(deed.node);
    }

    /** The node is new on the fabric: nothing from before comes back. */
    recommissioned(node: number): void {
        const { world } = this;
        this.#resetBy[node] = -1;
        world.script.incidents.forEach((incident, i) => {
            if (incident.type === "powerCut" && incident.node === node) {
                this.#snapshots[i] = null;
            }
        });
        const site = world.sites[node]!;
        // What is there at once is the other administrator's way in.
        world.leftovers.from(node, site.device, true, world.nowMs, () => site.recommission(world.isCalm));
        world.checkers.deviceChanged(node);
        world.transport.connected(node);
    }

    #happen(index: number, incident: NodeIncident): void {
        const { world } = this;
        const { node } = incident;
        const site = world.sites[node]!;
        switch (incident.type) {
            case "flap":
                return world.transport.notice(node, false, true);
            case "reboot":
                site.reboot();
                return incident.told ? world.transport.tell(node, "reachable") : undefined;
            case "powerCut":
                return this.#powerCut(index, incident);
            case "factoryReset":
                this.#resetBy[node] = index;
                return site.leave();
            case "softwareUpdate":
                site.updateSoftware(incident.maxGroups, incident.maxKeys);
                return incident.told ? world.transport.tell(node, "softwareChanged") : undefined;
            case "endpointGone":
                world.leftovers.from(node, site.device, false, world.nowMs, () => site.removeEndpoint(incident.endpoint, incident.forgets));
                world.checkers.deviceChanged(node);
                return incident.told ? world.transport.tell(node, "structureChanged") : undefined;
            case "otherFailSafe":
                return this.#armForOther(node, Math.ceil(incident.holdMs / 1_000));
            default:
                return this.deed(incident);
        }
    }

    #end(incident: NodeIncident): void {
        if (incident.type === "flap") {
            this.world.transport.notice(incident.node, true, true);
        } else if (incident.type === "endpointGone") {
            this.#endpointBack(incident.node, incident.endpoint, incident.told);
        } else if (incident.type === "otherFailSafe") {
            this.#armForOther(incident.node, 0);
        }
    }

    /** @param seconds 0: it is over */
    #armForOther(node: number, seconds: number): void {
        const { world } = this;
        const site = world.sites[node]!;
        site.device.setTime(world.nowMs);
        this.#heldByOther[node] = true; // until calm: ending it can be refused
        world.transport.failSafeArmed(node, site.armForOther(seconds));
        world.checkers.deviceChanged(node);
    }

    #endpointBack(node: number, endpoint: number, isTold: boolean): void {
        const { world } = this;
        if (world.sites[node]!.restoreEndpoint(endpoint)) {
            world.checkers.deviceChanged(node);
            if (isTold) {
                world.transport.tell(node, "structureChanged");
            }
        }
    }

    #powerCut(index: number, { node, told }: Extract<Incident, { type: "powerCut" }>): void {
        const { world } = this;
        const site = world.sites[node]!;
        const snapshot = this.#snapshots[index];
        if (snapshot == null) {
            return; // it was commissioned since
        }
        world.leftovers.from(node, site.device, false, world.nowMs, () => site.restore(snapshot));
        world.checkers.deviceChanged(node);
        if (told) {
            world.transport.tell(node, "reachable");
        }
    }

    #push(atMs: number, index: number, part: number): void {
        this.world.heap.push(atMs, Kind.INCIDENT, index, part);
    }
}
