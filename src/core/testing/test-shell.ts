import type { Change, Command, CommandResult } from "../command.js";
import type { DeviceAnswer, DeviceRequest } from "../device.js";
import type { Effect, RequestEffect } from "../effect.js";
import type { Result } from "../error.js";
import type { ManagerEvent } from "../event.js";
import { identityText } from "../identity.js";
import { nodeId, type NodeId } from "../ids.js";
import type { InputBody } from "../input.js";
import type { Item } from "../item.js";
import type { Kind } from "../kind.js";
import type { Timing } from "../limits.js";
import { Machine, type MachineOptions } from "../machine.js";
import type { ItemMode, ItemRecord } from "../records.js";
import type { DurableRecord, StoreBatch, TableName } from "../store.js";
import { TOY, toyKind, ToyNode, type ToyIntent } from "./toy-kind.js";

export const FABRIC = { rootPublicKey: `04${"ab".repeat(64)}`, fabricId: 0x1234n };
export const ONE = nodeId(1n);
export const TWO = nodeId(2n);
/** Wall time at which a shell begins. */
export const WALL_MS = 1_700_000_000_000;

/** What a store holds, changeable. */
export type TestImage = { readonly [T in TableName]: Map<number, DurableRecord> };

export function emptyImage(): TestImage {
    return { meta: new Map(), node: new Map(), item: new Map(), keySet: new Map(), run: new Map(), jfds: new Map() };
}

export interface ShellOptions {
    readonly kinds?: readonly Kind[];
    readonly timing?: Partial<Timing>;
    readonly image?: TestImage;
}

/** Performs effects only when the test says so, in virtual time. Jitter is always the longest. */
export class TestShell {
    machine!: Machine;
    nowMs = 0;
    wallMs = WALL_MS;
    readonly image: TestImage;
    readonly devices = new Map<NodeId, ToyNode>();
    /** Unanswered requests, and all of this process. */
    requests: RequestEffect[] = [];
    sent: RequestEffect[] = [];
    batch: StoreBatch | null = null;
    readonly batches: StoreBatch[] = [];
    readonly events: ManagerEvent[] = [];
    readonly replies = new Map<number, CommandResult>();
    wakeAtMs: number | null = null;
    /** Answers of chance: the lowest instead of the highest. */
    lowest = false;
    #command = 0;

    constructor(protected readonly options: ShellOptions = {}) {
        this.image = options.image ?? emptyImage();
        this.restart();
    }

    /** What a machine is opened with. */
    get machineOptions(): MachineOptions {
        return {
            fabric: FABRIC,
            kinds: this.options.kinds ?? [toyKind()],
            entropy: { below: bound => (this.lowest ? 0 : bound - 1), bytes: length => new Uint8Array(length) },
            fingerprint: bytes => `fp${bytes[0]}`,
            ...(this.options.timing === undefined ? {} : { timing: this.options.timing }),
        };
    }

    /** The process ends, and another one finds what is in the store. */
    restart(): Effect[] {
        this.machine = orThrow(Machine.open(this.machineOptions, this.image, { monoMs: this.nowMs, wallMs: this.wallMs }));
        this.requests = [];
        this.sent = [];
        this.batch = null;
        this.wakeAtMs = null;
        return this.input({ type: "start" });
    }

    input(body: InputBody): Effect[] {
        const effects = this.machine.step({ monoMs: this.nowMs, wallMs: this.wallMs, ...body });
        for (const effect of effects) {
            this.#note(effect);
        }
        return effects;
    }

    /** Returns the id under which the reply comes. */
    send(command: Command): number {
        const id = ++this.#command;
        this.input({ type: "command", id, command });
        return id;
    }

    /** Send, let the store and the nodes do all they have to do now, and return the reply. */
    do(command: Command): CommandResult | undefined {
        const id = this.send(command);
        this.settle();
        return this.replies.get(id);
    }

    change(...changes: Change[]): CommandResult | undefined {
        return this.do({ type: "change", changes });
    }

    set(intent: ToyIntent, mode: ItemMode = "converge", node = ONE): CommandResult | undefined {
        return this.change({ op: "set", node, kind: TOY, intent, mode });
    }

    remove(id: number, node = ONE): CommandResult | undefined {
        return this.change({ op: "remove", node, kind: TOY, key: [id] });
    }

    /** The outcome of the batch under way. */
    stored(durable = true): Effect[] {
        const batch = this.batch!;
        this.batch = null;
        if (durable) {
            for (const { table, id, record } of batch.puts) {
                if (record === null) {
                    this.image[table].delete(id);
                } else {
                    this.image[table].set(id, record);
                }
            }
        }
        return this.input({ type: "stored", batch: batch.id, durable });
    }

    /** Answer the oldest request, or another; as the node does if not told otherwise. */
    answer(answer?: DeviceAnswer, effect = this.requests[0]!): Effect[] {
        this.requests = this.requests.filter(each => each !== effect);
        return this.input({ type: "answer", request: effect.id, answer: answer ?? this.device(effect.node).perform(effect.request as DeviceRequest) });
    }

    device(node = ONE): ToyNode {
        let device = this.devices.get(node);
        if (device === undefined) {
            device = new ToyNode();
            this.devices.set(node, device);
        }
        return device;
    }

    /** Everything that does not need time. */
    settle(): void {
        while (this.batch !== null || this.#answerNext()) {
            if (this.batch !== null) {
                this.stored();
            }
        }
    }

    /** Time passes; wakes come, and everything is settled each time unless told otherwise. */
    run(ms: number, settle = true): void {
        const untilMs = this.nowMs + ms;
        while (this.wakeAtMs !== null && this.wakeAtMs <= untilMs) {
            this.#to(Math.max(this.nowMs, this.wakeAtMs));
            this.wakeAtMs = null;
            this.input({ type: "wake" });
            if (settle) {
                this.settle();
            }
        }
        this.#to(untilMs);
    }

    item(id: number, node = ONE): Item | undefined {
        return this.machine.nodes.get(node)?.items.get(identityText(TOY, [id]));
    }

    record(id: number, node = ONE): ItemRecord | undefined {
        return this.item(id, node)?.record ?? undefined;
    }

    /** What was asked of the node since the last call, in short: `read 7`, `write 7=1`, `remove 7`. */
    asked(node = ONE): string[] {
        const texts = this.sent.filter(effect => effect.node === node).map(({ request }) =>
            request.op === "read"
                ? `read ${request.attribute}`
                : request.op === "write"
                  ? `write ${request.attribute}=${JSON.stringify(request.value)}`
                  : request.op === "invoke"
                    ? `remove ${JSON.stringify(request.fields["id"])}`
                    : request.op,
        );
        this.sent = this.sent.filter(effect => effect.node !== node);
        return texts;
    }

    /** Events of a type since the last call. */
    told<T extends ManagerEvent["type"]>(type: T): Extract<ManagerEvent, { type: T }>[] {
        const isTold = (event: ManagerEvent): event is Extract<ManagerEvent, { type: T }> => event.type === type;
        const told = this.events.filter(isTold);
        this.events.splice(0, this.events.length, ...this.events.filter(event => event.type !== type));
        return told;
    }

    #answerNext(): boolean {
        for (const effect of this.requests) {
            const answer = this.device(effect.node).answer(effect.request as DeviceRequest);
            if (answer !== "silence") {
                this.answer(answer, effect);
                return true;
            }
        }
        return false;
    }

    #to(ms: number): void {
        this.wallMs += ms - this.nowMs;
        this.nowMs = ms;
    }

    #note(effect: Effect): void {
        switch (effect.type) {
            case "request":
                this.requests.push(effect);
                this.sent.push(effect);
                break;
            case "store":
                this.batch = effect.batch;
                this.batches.push(effect.batch);
                break;
            case "wake":
                this.wakeAtMs = effect.atMonoMs;
                break;
            case "event":
                this.events.push(effect.event);
                break;
            case "reply":
                this.replies.set(effect.command, effect.result);
        }
    }
}

function orThrow<T>(result: Result<T>): T {
    if (!result.ok) {
        throw new TypeError(result.error.message);
    }
    return result.value;
}

/** A shell with node {@link ONE}, reachable and looked over. */
export function withNode(options: ShellOptions = {}): TestShell {
    const shell = new TestShell(options);
    shell.do({ type: "addNode", node: ONE });
    shell.input({ type: "reachable", node: ONE });
    shell.settle();
    shell.asked();
    shell.events.length = 0;
    return shell;
}
