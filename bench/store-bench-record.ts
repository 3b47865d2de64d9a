import type { StorePut } from "../src/core/store.js";

/** A record of the size and shape of a managed item: about 330 bytes encoded. */
export function benchPut(id: number, generation: number): StorePut {
    return {
        table: "item",
        id,
        record: {
            node: 0x1000n + BigInt(id >> 5),
            kind: "groupKeyMap",
            key: { groupId: id & 0xffff, endpoint: 1 },
            intent: { groupId: id & 0xffff, keySetId: 42, name: "living room lights" },
            mode: "converge",
            status: { state: "committed", changedAtMs: 1_760_000_000_000 + generation, attempts: 0, retryAtMs: null },
            generation,
            owes: "apply",
        },
    };
}

/** A record of the size and shape of a parked run on one node: about 1,000 bytes encoded. */
export function benchRun(id: number): StorePut {
    const change = (kind: string, generation: number): object => ({
        node: 0x1000n + BigInt(id % 1000),
        kind,
        key: { groupId: 7, endpoint: 1 },
        prior: null,
        generation,
        confirmed: false,
    });
    return {
        table: "run",
        id,
        record: {
            type: "addNodeToGroup",
            version: 1,
            requestId: `request-${id}`,
            params: { node: 0x1000n + BigInt(id % 1000), endpoint: 1, groupId: 7, keySetId: 42, name: "living room lights" },
            direction: "forward",
            phase: "keys",
            startedAtMs: 1_760_000_000_000,
            changes: [change("groupKey", id * 4), change("groupKeyMap", id * 4 + 1), change("groupMembership", id * 4 + 2)],
            slots: [`node/${id}`, "group/7"],
            deadlines: { run: null, phase: null },
        },
    };
}
