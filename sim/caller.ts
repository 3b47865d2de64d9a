import type { Command, CommandResult } from "../src/core/command.js";
import type { Change } from "../src/core/command.js";
import type { KeySetId } from "../src/core/ids.js";
import { SCRIPT_KEY_SETS, type Action, type Script } from "./script.js";
import type { World } from "./world.js";

/** Bytes that would be recognised anywhere. */
const SCRIPT_KEY = new Uint8Array(16).fill(0x5e);

/**
 * Whoever uses the manager: sends the script's commands and hears the replies. What was not answered before a crash is never answered;
 * only the setup (nodes and a key set) is repeated until it is.
 */
export class Caller {
    #script!: Script;
    #nextCommand = 0;
    readonly #open = new Map<number, { readonly command: Command; readonly task: number; readonly isSetup: boolean }>();
    /** Runs by the index of the action that started them; 0: not known. */
    runs: number[] = [];
    #isSetUp = false;
    #life = 0;

    constructor(private readonly world: World) {}

    begin(script: Script): void {
        this.#script = script;
        this.#open.clear();
        this.runs = script.actions.map(() => 0);
        this.#isSetUp = false;
        this.#life = 0;
    }

    /** Nodes are members of the fabric, and one key set exists. Repeated until acknowledged. */
    setUp(): void {
        if (this.#isSetUp) {
            return;
        }
        for (const { isSetup } of this.#commands()) {
            if (isSetup) {
                return; // still under way in this process
            }
        }
        const key = { startTime: 1_000_000n, key: SCRIPT_KEY };
        this.#send({ type: "putKeySet", keySetId: SCRIPT_KEY_SETS, slots: [key] }, -1, true);
        for (let node = 0; node < this.#script.nodes.length; node++) {
            this.#send({ type: "addNode", node: this.world.nodeIds[node]! }, -1, true);
        }
    }

    act(index: number): void {
        const { world } = this;
        const action = this.#script.actions[index]!;
        if (world.manager === null || !this.#isSetUp) {
            if (!world.isCalm) {
                world.actLater(index);
            }
            return;
        }
        const command = this.#commandOf(action);
        if (command !== null) {
            this.#send(command, action.type === "addToGroup" ? index : -1, false);
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
        this.#isSetUp = manager.nodes().length === this.#script.nodes.length && manager.keySets().length > 0;
        if (!this.#isSetUp) {
            this.world.setUpLater();
        }
    }

    /** Open commands of the present process: others were never answered. */
    #commands(): Iterable<{ readonly isSetup: boolean }> {
        if (this.#life !== this.world.life) {
            this.#life = this.world.life;
            this.#nextCommand = 0;
            this.#open.clear();
        }
        return this.#open.values();
    }

    #send(command: Command, task: number, isSetup: boolean): void {
        if (this.world.manager === null) {
            return; // died in the middle of a series
        }
        this.#commands();
        const id = ++this.#nextCommand;
        this.#open.set(id, { command, task, isSetup });
        this.world.submit(id, command);
    }

    #commandOf(action: Action): Command | null {
        switch (action.type) {
            case "addToGroup":
                return this.#addToGroup(action);
            case "cancel":
                return this.#cancel(action.task);
            case "reconcile":
                return { type: "reconcile", node: this.world.nodeIds[action.node]!, verify: "all", capacity: true };
            default:
                return { type: "change", changes: [this.#changeOf(action)] };
        }
    }

    #addToGroup(action: Extract<Action, { type: "addToGroup" }>): Command {
        const { node, endpoint, group, keySet, request, deadlineMs } = action;
        return {
            type: "run",
            task: "addNodeToGroup",
            params: { node: this.world.nodeIds[node]!, endpoint, groupId: group, groupName: `g${group}`, keySetId: keySet },
            ...(request === 0 ? {} : { requestId: `request-${request}` }),
            ...(deadlineMs === 0 ? {} : { deadlineMs }),
        };
    }

    /** Cancels the n-th action that starts a task, if its run is known by now. */
    #cancel(task: number): Command | null {
        let seen = 0;
        for (let i = 0; i < this.#script.actions.length; i++) {
            if (this.#script.actions[i]!.type === "addToGroup" && seen++ === task) {
                const run = this.runs[i]!;
                return run === 0 ? null : { type: "cancel", run };
            }
        }
        return null;
    }

    #changeOf(action: Exclude<Action, { type: "addToGroup" | "cancel" | "reconcile" }>): Change {
        const node = this.world.nodeIds[action.node]!;
        switch (action.type) {
            case "setKey": {
                const keySetId = action.keySet as KeySetId;
                const revision = this.world.manager!.machine.keySets.latest(keySetId)?.revision ?? 1;
                return { op: "set", node, kind: "groupKey", intent: { keySetId, revision } };
            }
            case "setMap":
                return { op: "set", node, kind: "groupKeyMap", intent: { groupId: action.group, keySetId: action.keySet } };
            case "setMembership":
                return { op: "set", node, kind: "groupMembership", intent: { endpoint: action.endpoint, groupId: action.group, name: "" } };
            case "removeKey":
                return { op: "remove", node, kind: "groupKey", key: [action.keySet] };
            case "removeMap":
                return { op: "remove", node, kind: "groupKeyMap", key: [action.group] };
            case "removeMembership":
                return { op: "remove", node, kind: "groupMembership", key: [action.endpoint, action.group] };
        }
    }
}
