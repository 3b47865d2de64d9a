/**
 * Goal: no key material in anything that a manager shows. Method: recognisable key bytes go through everything a caller can do; all that
 * comes out is searched for them in every form that bytes are shown in.
 */
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newNode } from "../../sim/devices/testing.js";
import { KeyMaterial } from "../core/key-material.js";
import type { FabricManager } from "./fabric-manager.js";
import { MemoryStore } from "./store/index.js";
import { KEY, NODE, openTest, turns } from "./testing/opening.js";

const params = { node: NODE, endpoint: 1, groupId: 7, keySetId: 42, epochKey: KEY };

/** Half of the key is enough to be caught. */
const half = KEY.subarray(4, 12);
const hex = Buffer.from(half).toString("hex");
const needles = [
    Buffer.from(half).toString("latin1"),
    hex,
    hex.toUpperCase(),
    hex.replace(/../g, "$& ").trim(),
    Buffer.from(KEY.subarray(3, 12)).toString("base64"),
    [...half].join(","),
    [...half].join(", "),
    [...half].map(byte => `${byte}`).join("\n"),
];

function forms(value: unknown): string[] {
    const replacer = (_: string, field: unknown) => (typeof field === "bigint" ? String(field) : field);
    return [
        inspect(value, { depth: Infinity, showHidden: true, maxArrayLength: null, breakLength: Infinity, getters: true }),
        inspect(value, { depth: Infinity, customInspect: false, maxArrayLength: null, breakLength: Infinity }),
        JSON.stringify(value, replacer) ?? "",
        String(value instanceof Error ? value.stack : value),
    ];
}

function expectNoKey(what: string, value: unknown): void {
    for (const form of forms(value)) {
        const compact = form.replace(/"?\d+"?: ?/g, ""); // typed arrays as objects: "0": 83, "1": 69
        for (const needle of needles) {
            expect(form.includes(needle) || compact.includes(needle), `${what} shows the key: ${needle}`).toBe(false);
        }
    }
}

const output: string[] = [];
const streams = [process.stdout, process.stderr] as const;
const writes = streams.map(stream => stream.write.bind(stream));

beforeEach(() => {
    for (const [i, stream] of streams.entries()) {
        stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
            output.push(chunk.toString());
            return writes[i]!(chunk, ...rest);
        });
    }
});
afterEach(() => {
    for (const [i, stream] of streams.entries()) stream.write = writes[i]!;
    expectNoKey("output", output.splice(0));
});

function queries(manager: FabricManager): unknown[] {
    return [
        manager,
        manager.nodes(),
        manager.items(),
        manager.runs(),
        manager.keySets(),
        manager.quarantined(),
        manager.assess("addNodeToGroup", params),
        manager.explain({ node: NODE }),
        ...manager.runs().map(({ run }) => manager.explain({ run })),
    ];
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
        () => expect.unreachable(),
        (error: unknown) => error,
    );
}

it("the scan finds keys in every form", () => {
    for (const shown of [KEY, Buffer.from(KEY), { key: [...KEY] }, Buffer.from(KEY).toString("hex"), [Buffer.from(KEY).toString("base64")], new Error(Buffer.from(KEY).toString())]) {
        expect(() => expectNoKey("it", shown)).toThrow(/shows the key/);
    }
    expectNoKey("a secret", new KeyMaterial(KEY, "f"));
});

describe("no key is shown", () => {
    it("while a run lives, waits and ends, nor after a restart", async () => {
        const events: unknown[] = [];
        const onEvent = (event: unknown) => events.push(event);
        const { manager, transport, store } = await openTest(newNode(), { onEvent });
        await turns();
        transport.leave(NODE);
        const { run } = await manager.run("addNodeToGroup", params, { requestId: "r" });
        await turns();
        for (const shown of queries(manager)) expectNoKey("a live run", shown);
        transport.comeBack(NODE);
        expectNoKey("the outcome", await manager.awaitRun(run));
        expectNoKey("a report", await manager.reconcile(NODE, { verify: "all", rewrite: "all" }));
        for (const shown of queries(manager)) expectNoKey("a settled run", shown);
        await manager.close();
        const again = await openTest(null, { store: store.reopen(), onEvent });
        for (const shown of queries(again.manager)) expectNoKey("a restart", shown);
        await again.manager.close();
        expect(events.length).toBeGreaterThan(5);
        expectNoKey("an event", events);
    });

    it("by refusals", async () => {
        const { manager, store } = await openTest(newNode(), { onError: problem => expectNoKey("a problem", problem.message) });
        await manager.putKeySet({ keySetId: 42, slots: [{ startTime: 1n, key: new Uint8Array(16) }] });
        const text = Buffer.from(KEY).toString();
        const refused = [
            manager.run("addNodeToGroup", params),
            manager.run("addNodeToGroup", { ...params, groupId: 0 }),
            manager.run("addNodeToGroup", { ...params, epochKey: KEY.subarray(1) }),
            manager.run("addNodeToGroup", { ...params, epochKey: text as never }),
            manager.run("addNodeToGroup", { ...params, more: () => KEY } as never),
            manager.run("elsewhere", { key: KEY }),
            manager.setIntent(NODE, "groupKey", { keySetId: 42, revision: 9, key: KEY } as never),
            manager.setIntent(NODE, "groupKeyMap", [KEY] as never),
            manager.putKeySet({ keySetId: 42, slots: [{ startTime: 1n, key: KEY }] }),
            manager.putKeySet({ keySetId: 42, slots: [{ startTime: 2n, key: KEY.subarray(1) }] }),
            manager.putKeySet({ keySetId: 42, slots: [{ startTime: 2n, key: [...KEY] as never }] }),
            manager.putKeySet({ keySetId: 42, slots: KEY as never }),
            manager.addNode(KEY as never),
        ];
        for (const error of await Promise.all(refused.map(errorOf))) expectNoKey("a refusal", error);
        store.refuseNext();
        expectNoKey("a refusal by the store", await errorOf(manager.putKeySet({ keySetId: 43, slots: [{ startTime: 1n, key: KEY }] })));
        await manager.close();
        expectNoKey("a closed manager", [manager, await errorOf(manager.run("addNodeToGroup", params))]);
    });

    it("by stored records that cannot be used", async () => {
        const store = new MemoryStore();
        const first = await openTest(newNode(), { store });
        await first.manager.close();
        const writing = store.reopen();
        await writing.open();
        const text = Buffer.from(KEY).toString();
        const bad = [{ key: KEY }, { [text]: 1 }, { keySetId: 3, latest: 1, revisions: [{ revision: 1, policy: 0, used: true, slots: [{ startTime: 1n, key: KEY }] }], startTimes: [] }];
        await writing.commit({
            id: 1,
            puts: (["node", "item", "keySet", "run"] as const).flatMap((table, t) => bad.map((record, i) => ({ table, id: 900 + 10 * t + i, record }))),
        });
        await writing.close();
        const events: unknown[] = [];
        const { manager } = await openTest(null, { store: writing.reopen(), onEvent: event => events.push(event) });
        expect(manager.quarantined()).toHaveLength(12);
        for (const shown of [...queries(manager), ...events]) expectNoKey("quarantine", shown);
        await manager.close();
    });
});
