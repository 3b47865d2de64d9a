/** Goal: the IPK and the trusted root are found on device models as the specification and matter.js have them. */
import { describe, expect, it } from "vitest";
import type { DeviceRequest } from "../src/core/device.js";
import type { EpochUs } from "../src/core/ids.js";
import type { KindAnswer, Operation } from "../src/core/kind.js";
import { KeyMaterial } from "../src/core/key-material.js";
import type { KeySetRevision } from "../src/core/records.js";
import { Status } from "../src/core/status.js";
import { ipk, trustedRoot } from "../src/kinds/index.js";
import { hexOf, parseCertificate } from "../src/kinds/noc-certificate.js";
import { matterJsRules, specificationRules } from "./devices/device-rules.js";
import { rootCertificateOf } from "./devices/operational-certificate.js";
import { MANAGER_FABRIC, type SimNode } from "./devices/sim-node.js";
import { newNode, statusOf, writeKeySet } from "./devices/testing.js";

function play<R>(node: SimNode, operation: Operation<R>): R {
    let step = operation.next(undefined as never);
    while (!step.done) {
        step = operation.next(node.handle(step.value as DeviceRequest) as KindAnswer);
    }
    return step.value;
}

const slot = (startTime: bigint, byte: number) => ({ startTime: startTime as EpochUs, key: new KeyMaterial(new Uint8Array(16).fill(byte), `k${byte}`) });
const revisions: KeySetRevision[] = [
    { revision: 1, policy: 0, slots: [slot(1_000_000n, 1)], used: true },
    { revision: 2, policy: 0, slots: [slot(1_000_000n, 1), slot(2_000_000n, 2)], used: true },
];
const contextOf = <I extends object>(intent: I) => ({
    intent,
    key: [0],
    keySet: (_id: number, revision: number) => revisions.find(each => each.revision === revision),
    wanted: () => undefined,
    limit: null,
});

describe.each([
    ["the specification", specificationRules, [0]],
    ["matter.js, where it takes a second set", matterJsRules, [0, -2]],
])("the IPK by the rules of %s", (_, rules, rows) => {
    const [first, second] = [contextOf({ revision: 1 }), contextOf({ revision: 2 })];

    it("is another after it was written, and another again", () => {
        const node = newNode({ rules });
        expect(play(node, ipk.verify(first))).toEqual({ holds: false });
        expect(play(node, ipk.apply(first))).toEqual({ done: true });
        expect(play(node, ipk.verify(first))).toEqual({ holds: true });
        expect(play(node, ipk.apply(second))).toEqual({ done: true });
        expect(play(node, ipk.verify(first))).toEqual({ holds: false });
        expect(play(node, ipk.verify(second))).toEqual({ holds: true });
        expect(node.keySet(MANAGER_FABRIC, 0)!.keys[1]!.equals(revisions[1]!.slots[1]!.key)).toBe(true);
        expect(play(node, ipk.capacity!.table.observe())!.rows).toEqual(rows);
    });

    it("stays when its intent is removed", () => {
        const node = newNode({ rules });
        play(node, ipk.apply(first));
        expect(play(node, ipk.remove(first))).toEqual({ done: true, withdrawn: true });
        expect(play(node, ipk.verify(first))).toEqual({ holds: true });
    });

    it("finds no room on a full node only where it takes a row more", () => {
        const node = newNode({ rules });
        for (let id = 1; statusOf(node.handle(writeKeySet(id))) === Status.SUCCESS; id++);
        expect(play(node, ipk.apply(first)).done).toBe(rows.length === 1);
    });
});

describe("the trusted root", () => {
    it("is the fabric's, and one that is not there is a final failure", () => {
        const node = newNode({ certificates: true });
        const own = contextOf({ subjectKeyId: hexOf(parseCertificate(rootCertificateOf(MANAGER_FABRIC))!.subjectKeyId!) });
        expect(play(node, trustedRoot.apply(own))).toEqual({ done: true });
        expect(play(node, trustedRoot.verify(own))).toEqual({ holds: true });
        expect(play(node, trustedRoot.apply(contextOf({ subjectKeyId: "11".repeat(20) })))).toMatchObject({ done: false, failure: { class: "terminal" } });
    });
});
