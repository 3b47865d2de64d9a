import { describe, expect, it } from "vitest";
import { OnOff } from "./composition.js";
import { AuthMode } from "./access-control-entry.js";
import type { SenderRule } from "./group-sender.js";
import { MANAGER_FABRIC, type SimNode } from "./sim-node.js";
import { Privilege } from "./privilege.js";
import * as t from "./testing.js";

const NOW = 100n;

/** Key set 1 with keys 1 to 3, as many as there are start times, and group 7 mapped to it. */
function nodeWith(startTimes: readonly bigint[], senderRule: SenderRule = "clock"): SimNode {
    const node = t.newNode({ senderRule });
    const slots = startTimes.map((startTime, slot) => ({ [`epochKey${slot}`]: t.key(slot + 1), [`epochStartTime${slot}`]: startTime }));
    node.handle(t.writeKeySet(1, Object.assign({}, ...slots) as Record<string, bigint>));
    node.handle(t.writeKeyMap([[7, 1]]));
    return node;
}

/** 1 to 3 for the key, 0 for none. */
function sent(startTimes: readonly bigint[], rule: SenderRule): number {
    const key = nodeWith(startTimes, rule).sendingKey(MANAGER_FABRIC, 1, NOW);
    return key === undefined ? 0 : [1, 2, 3].find(n => t.key(n).equals(key))!;
}

describe("a node that sends to a group", () => {
    it.each([
        [[50], 1, 1],
        [[100], 1, 1],
        [[101], 0, 1],
        [[50, 60], 2, 1],
        [[50, 200], 1, 1],
        [[150, 200], 0, 1],
        [[10, 20, 30], 3, 2],
        [[10, 20, 200], 2, 2],
        [[10, 200, 300], 1, 2],
    ] as const)("with keys that start at %j uses key %i with a clock, key %i without", (startTimes, withClock, without) => {
        const times = startTimes.map(BigInt);
        expect([sent(times, "clock"), sent(times, "noClock")]).toEqual([withClock, without]);
    });

    it("has a clock unless its composition or somebody later says otherwise, until a reset", () => {
        const node = nodeWith([10n, 20n, 30n]);
        const key = () => node.sendingKey(MANAGER_FABRIC, 1, NOW);
        expect(key()).toEqual(t.key(3));
        node.setSenderRule("noClock");
        expect(key()).toEqual(t.key(2));
        node.reset(node.composition, t.random());
        expect(node.sendingKey(MANAGER_FABRIC, 1, NOW)).toBeUndefined();
        node.handle(t.writeKeySet(1, { epochStartTime0: 1n, epochKey1: t.key(2), epochStartTime1: 2n }));
        expect(key()).toEqual(t.key(2));
    });

    it("uses the set that the group is mapped to, and cannot without one", () => {
        const node = nodeWith([50n]);
        expect(node.groupSendingKey(MANAGER_FABRIC, 7, NOW)).toEqual(t.key(1));
        expect(node.groupSendingKey(MANAGER_FABRIC, 8, NOW)).toBeUndefined();
        node.handle(t.writeKeyMap([[7, 9]]));
        expect(node.groupSendingKey(MANAGER_FABRIC, 7, NOW)).toBeUndefined();
    });

    it("sends with the IPK from the start", () => {
        expect(t.newNode().sendingKey(MANAGER_FABRIC, 0, 0n)).toBeDefined();
    });
});

describe("a node that is sent to", () => {
    it("decrypts with every installed key of the group's set, and with no other", () => {
        const node = nodeWith([10n, 1_000n]);
        expect([1, 2, 3].map(n => node.canDecrypt(MANAGER_FABRIC, 7, t.key(n)))).toEqual([true, true, false]);
        expect(node.canDecrypt(MANAGER_FABRIC, 8, t.key(1))).toBe(false);
        node.handle(t.removeKeySet(1));
        expect(node.canDecrypt(MANAGER_FABRIC, 7, t.key(1))).toBe(false);
    });

    it("acts on a command only as a member of the group, and as its access control list lets the group", () => {
        const node = nodeWith([10n]);
        const acts = (key = t.key(1)) => node.actsOnGroupCommand(MANAGER_FABRIC, { groupId: 7, endpoint: 1, cluster: OnOff.id, key });
        const grant = (privilege: number, group: bigint) =>
            node.handle(t.writeAcl([t.aclEntry({ privilege, authMode: AuthMode.GROUP, subjects: [group] })]));
        node.handle(t.addGroup(7));
        expect(acts()).toBe(false);
        grant(Privilege.OPERATE, 8n);
        expect(acts()).toBe(false);
        grant(Privilege.VIEW, 7n);
        expect(acts()).toBe(false);
        grant(Privilege.OPERATE, 7n);
        expect([acts(), acts(t.key(2))]).toEqual([true, false]);
        node.handle(t.removeGroup(7));
        expect(acts()).toBe(false);
    });
});
