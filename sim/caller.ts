import type { Command, CommandResult } from "../src/core/command.js";
import { commandOf, newIpk } from "./action-command.js";
import { SCRIPT_KEY_SETS, type Action, type Script } from "./script.js";
import type { World } from "./world.js";

/** Bytes that would be recognised anywhere. */
const SCRIPT_KEY = new Uint8Array(16).fill(0x5e);

/** What the manager has still to be told about who belongs to the fabric. */
type Wish = "removeNode" | "renewNode" | "addNode";

interface Open {
    readonly command: Command;
    /** Index of the action that starts a run, -1 for none. */
    readonly task: number;
    readonly isSetup: boolean;
    /** The node that a wish is about, -1 for none. */
    readonly wishFor: number;
    /** Index of the action whose second command follows, -1 for none. */
    readonly before: number;
}

/**
 * Whoever uses the manager: sends the script's commands and hears the replies. What was not answered before a crash is never answered;
 * only who belongs to the fabric, and a key set, is told again until it is acknowledged.
 */
export class Caller {
    #script!: Script;
    #nextCommand = 0;
    readonly #open = new Map<number, Open>();
    /** Runs by the index of the action that started them; 0: not known. */
    runs: number[] = [];
    /** By node: it belongs to the fabric, whatever the manager knows. */
    readonly #members: boolean[] = [];
    readonly #wishes: (Wish | null)[] = [];
    #isSetUp = false;
    #life = 0;

    constructor(private readonly world: World) {}

    begin(script: Script): void {
        this.#script = script;
        this.#open.clear();
        this.runs = script.actions.map(() => 0);
        this.#isSetUp = false;
        this.#life = 0;
        this.#members.length = 0;
        this.#wishes.length = 0;
        for (const node of script.nodes) {
            this.#members.push(!node.joinsLater);
            this.#wishes.push(null);
        }
    }

    /** Nodes are members of the fabric, and one key set exists; whoever left or was reset is known. Repeated until acknowledged. */
    setUp(): void {
        if (this.#isSetUp) {
            this.#tellWishes();
            return;
        }
        for (const { isSetup } of this.#commands()) {
            if (isSetup) {
                return; // still under way in this process
            }
        }
        const key = { startTime: 1_000_000n, key: SCRIPT_KEY };
        this.#send({ type: "putKeySet", keySetId: SCRIPT_KEY_SETS, slots: [key] }, { isSetup: true });
        for (let node = 0; node < this.#script.nodes.length; node++) {
            if (this.#members[node]) {
                this.#send({ type: "addNode", node: this.world.nodeIds[node]! }, { isSetup: true });
            }
        }
    }

    /** @param isGoingOn its first command, if it has two, was acknowledged */
    act(index: number, isGoingOn: boolean): void {
        const { world } = this;
        const action = this.#script.actions[index]!;
        if (world.manager === null || !this.#isSetUp) {
            if (!world.isCalm) {
                world.actLater(index, isGoingOn);
            }
            return;
        }
        if (action.type === "setIpk" && !isGoingOn) {
            this.#send(newIpk(index), { before: index });
            return;
        }
        switch (action.type) {
            case "addNode":
                return this.#join(action.node);
            case "removeNode":
                return this.#members[action.node] ? this.#leave(action.node) : undefined;
            case "renewNode":
                return this.#recommission(action);
            default: {
                const command = commandOf(world, this.#script, action);
                if (command !== null) {
                    this.#send(command, { task: action.type === "addToGroup" ? index : -1 });
                }
            }
        }
    }

    replied(id: number, result: CommandResult): void {
        const open = this.#open.get(id);
        if (open === undefined) {
            this.world.violate("S4", `command ${id} was answered twice, or never sent`);
            return;
        }
        this.#open.delete(id);
        this.world.replied(id, open.command, result);
        if (open.isSetup) {
            this.#setUpReplied(result);
        } else if (open.wishFor >= 0) {
            this.#wishReplied(open, result);
        } else if (open.before >= 0 && result.ok) {
            this.world.actLater(open.before, true); // not from within a step
        } else if (open.task >= 0 && result.ok && result.value.type === "run") {
            this.runs[open.task] = result.value.run;
        }
        if (!result.ok) {
            this.world.marks.hit(`refused:${result.error.code}`);
        }
    }

    /** Commands of this process that were not answered. */
    get unanswered(): number {
        return [...this.#commands()].length;
    }

    /** The store is an older one: find out what it does not know. */
    backupRestored(): void {
        this.#isSetUp = false;
        const known = new Set([...this.world.store.records("node").values()].map(record => this.world.indexOf((record as { nodeId: never }).nodeId)));
        this.#wishes.forEach((_, node) => {
            this.#wishes[node] = known.has(node) && !this.#members[node] ? "removeNode" : null;
        });
    }

    /** Calm: a node that was reset is commissioned again, or removed. */
    settleReset(node: number, returns: boolean): void {
        if (!this.#members[node]) {
            return;
        }
        if (returns) {
            this.world.incidents.recommissioned(node);
            this.#wish(node, "renewNode");
        } else {
            this.#leave(node);
        }
    }

    /** Now the manager hears that a node was commissioned again. */
    tellRenewed(node: number): void {
        if (this.#members[node]) {
            this.#wish(node, "renewNode");
        }
    }

    #join(node: number): void {
        if (this.#members[node]) {
            this.#send({ type: "addNode", node: this.world.nodeIds[node]! });
        } else if (this.#wishes[node] === null) {
            this.world.incidents.recommissioned(node);
            this.#members[node] = true;
            this.#wish(node, "addNode");
        }
    }

    #leave(node: number): void {
        this.#members[node] = false;
        this.world.sites[node]!.leave();
        this.#wish(node, "removeNode");
    }

    #recommission({ node, lateMs }: Extract<Action, { type: "renewNode" }>): void {
        if (this.#members[node]) {
            this.world.incidents.recommissioned(node);
            this.world.renewedLater(node, lateMs);
        }
    }

    #wish(node: number, wish: Wish): void {
        this.#wishes[node] = wish;
        this.#tellWishes();
    }

    #tellWishes(): void {
        for (let node = 0; this.#isSetUp && this.world.manager !== null && node < this.#wishes.length; node++) {
            const wish = this.#wishes[node]!;
            if (wish !== null && ![...this.#commands()].some(open => open.wishFor === node && open.command.type === wish)) {
                if (wish === "renewNode") {
                    this.world.leftovers.disown(node, this.world.nodes[node]!);
                }
                this.#send({ type: wish, node: this.world.nodeIds[node]! }, { wishFor: node });
            }
        }
    }

    #wishReplied({ command, wishFor }: Open, result: CommandResult): void {
        if (!result.ok && result.error.code !== "UNKNOWN_NODE") {
            this.world.setUpLater();
        } else if (this.#wishes[wishFor] === command.type) {
            this.#wishes[wishFor] = null;
        }
    }

    #setUpReplied(result: CommandResult): void {
        if (!result.ok) {
            this.world.setUpLater();
            return;
        }
        for (const { isSetup } of this.#commands()) {
            if (isSetup) {
                return;
            }
        }
        const manager = this.world.manager!;
        const known = new Set(manager.nodes());
        this.#isSetUp = manager.keySets().length > 0 && this.#members.every((isMember, node) => !isMember || known.has(this.world.nodeIds[node]!));
        if (!this.#isSetUp) {
            this.world.setUpLater();
        } else if (this.#wishes.some(wish => wish !== null)) {
            this.world.setUpLater(0); // not from within a step
        }
    }

    /** Open commands of the present process: others were never answered. */
    #commands(): Iterable<Open> {
        if (this.#life !== this.world.life) {
            this.#life = this.world.life;
            this.#nextCommand = 0;
            this.#open.clear();
        }
        return this.#open.values();
    }

    #send(command: Command, how: Partial<Omit<Open, "command">> = {}): void {
        if (this.world.manager === null) {
            return; // died in the middle of a series
        }
        this.#commands();
        const id = ++this.#nextCommand;
        this.#open.set(id, { command, task: -1, isSetup: false, wishFor: -1, before: -1, ...how });
        this.world.submit(id, command);
    }
}
