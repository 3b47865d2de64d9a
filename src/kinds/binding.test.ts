import { describe, expect, it } from "vitest";
import { Binding } from "../core/clusters.js";
import type { DeviceFields } from "../core/device.js";
import type { SiblingItem } from "../core/kind.js";
import { Status } from "../core/status.js";
import { binding, type BindingIntent } from "./binding.js";
import { claimed, contextOf, play, siblings, status, value } from "./testing/operations.js";

/** Goal: one entry per target in the list of its endpoint; what others bound stays; items that share a target share its entry. */

const target = { node: 9n, endpoint: 1, cluster: 6 };
const unicast = { endpoint: 2, target, label: "a" };
const multicast = { endpoint: 2, target: { group: 7 }, label: "" };
const theirs: DeviceFields = { node: 8n, endpoint: 1 };
const own = { spared: [] };
const ok = status(Status.SUCCESS);

function intentOf(intent: object): BindingIntent {
    const checked = binding.validate(intent);
    if (!checked.ok) {
        throw new RangeError(checked.error.message);
    }
    return checked.value;
}

function item(intent: object, { claim = null, isLeaving = false }: { claim?: object | null; isLeaving?: boolean } = {}): SiblingItem {
    return { key: binding.keyOf(intentOf(intent)), intent: intentOf(intent), claim, isLeaving };
}

const context = (intent: object) => contextOf(intentOf(intent), { key: binding.keyOf(intentOf(intent)) });

describe("an intent", () => {
    it("names the endpoint, and a node's endpoint or a group", () => {
        expect(intentOf(unicast).target).toEqual({ node: 9n, group: null, endpoint: 1, cluster: 6 });
        expect(intentOf(multicast).target).toEqual({ node: null, group: 7, endpoint: null, cluster: null });
    });

    it("has an identity for each target, endpoint and label", () => {
        const intents = [unicast, { ...unicast, label: "b" }, { ...unicast, endpoint: 3 }, { ...unicast, target: { ...target, cluster: 8 } }, multicast];
        expect(new Set(intents.map(intent => JSON.stringify(binding.keyOf(intentOf(intent))))).size).toBe(5);
    });

    it("needs the group's key on the node when it names a group", () => {
        expect([binding.dependsOn(intentOf(unicast)), binding.dependsOn(intentOf(multicast))]).toEqual([[], [{ kind: "groupKeyMap", key: [7] }]]);
    });

    it.each([
        ["a node without endpoint", { ...unicast, target: { node: 9n } }],
        ["a node and a group", { ...unicast, target: { node: 9n, endpoint: 1, group: 7 } }],
        ["a group with an endpoint", { ...multicast, target: { group: 7, endpoint: 1 } }],
        ["group 0", { ...multicast, target: { group: 0 } }],
        ["a node id that is no bigint", { ...unicast, target: { node: 9, endpoint: 1 } }],
        ["no target", { endpoint: 2 }],
    ])("is refused when it has %s", (_, intent) => {
        expect(binding.validate(intent)).toMatchObject({ ok: false, error: { code: "INVALID_INTENT" } });
    });
});

describe("binding", () => {
    it("claims, then appends to the endpoint's list, with no field that says nothing", () => {
        const { requests, result } = play(binding.apply(context(unicast)), value([theirs], 4), siblings([item(unicast)]), claimed, siblings([item(unicast, { claim: own })]), ok);
        expect(requests.map(({ op }) => op)).toEqual(["read", "siblings", "claim", "siblings", "write"]);
        expect(requests.at(-1)).toEqual({ op: "write", endpoint: 2, cluster: Binding.id, attribute: 0, value: [theirs, target], dataVersion: 4 });
        expect(result?.done).toBe(true);
    });

    it("has no place where the endpoint is gone", () => {
        const { result } = play(binding.apply(context(unicast)), status(Status.UNSUPPORTED_ENDPOINT));
        expect(result).toMatchObject({ done: false, failure: { class: "notApplicable" } });
    });

    it("differs where the endpoint is gone", () => {
        expect(play(binding.verify(context(unicast)), status(Status.UNSUPPORTED_ENDPOINT)).result).toEqual({ holds: false });
    });

    it("holds only with exactly this target", () => {
        const verify = (...entries: DeviceFields[]) => play(binding.verify(context(unicast)), value(entries)).result;
        expect([verify(target), verify({ node: 9n, endpoint: 1 }), verify({ ...target, cluster: null }), verify()]).toEqual(
            [true, false, false, false].map(isHeld => ({ holds: isHeld })),
        );
    });
});

describe("unbinding", () => {
    it("leaves what others bound", () => {
        const { requests } = play(binding.remove(context(unicast)), value([theirs, target]), siblings([item(unicast, { claim: own, isLeaving: true })]), ok);
        expect(requests.at(-1)).toMatchObject({ value: [theirs] });
    });

    it("leaves the entry to an item of the same target, not to one of another endpoint", () => {
        const leaving = item(unicast, { claim: own, isLeaving: true });
        const list = value([target]);
        const shared = play(binding.remove(context(unicast)), list, siblings([leaving, item({ ...unicast, label: "b" }, { claim: own })]));
        const apart = play(binding.remove(context(unicast)), list, siblings([leaving, item({ ...unicast, endpoint: 3 }, { claim: own })]), ok);
        expect([shared.requests.some(({ op }) => op === "write"), apart.requests.at(-1)]).toMatchObject([false, { value: [] }]);
    });
});
