/**
 * Claim: what the coverage algebra calls covered is granted: whoever may do something by the entry may do it by the list. And the lock-out guard is right: a list
 * that it lets pass lets the manager write the list again.
 * Generator: lists of up to five entries over few privileges, auth modes, subjects (node ids, tags in versions, any), and targets (endpoints, clusters, device
 * types, any), so that they overlap; requests of every kind of requester to every place.
 * Oracle: the access check of the simulated device, which is compared with real nodes and knows nothing of coverage.
 * Known gaps: the other direction is not claimed: two entries may grant together what the algebra does not see, and then one entry too many is written.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AccessControl } from "../src/core/clusters.js";
import { nodeId } from "../src/core/ids.js";
import { AuthMode, canonicalEntry, Privilege, type AccessControlEntry } from "../src/kinds/access-control-entry.js";
import { catSubject, isCovered, letsAdministrate } from "../src/kinds/access-coverage.js";
import { isGranted, type AccessQuestion, type Requester } from "../sim/devices/access-guard.js";
import { parameters } from "./group-schedules.js";

const RUNS = 3_000;
/** Endpoint to device type. */
const TYPES = new Map([
    [0, [0x16]],
    [1, [0x100]],
    [2, [0x103]],
]);
const CLUSTERS = [AccessControl.id, 6];
const TAG = 0xabcd;

const tags = fc.integer({ min: 1, max: 3 }).map(version => TAG * 0x1_0000 + version);
const anyOf = <T>(list: fc.Arbitrary<T>, max: number) => fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 3, arbitrary: fc.array(list, { minLength: 1, maxLength: max }) });
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const endpoints = fc.constantFrom(...TYPES.keys());

const targets = fc
    .record({
        cluster: orNull(fc.constantFrom(...CLUSTERS)),
        endpoint: orNull(endpoints),
        deviceType: orNull(fc.constantFrom(0x16, 0x100)),
    })
    .map(target => (target.endpoint === null ? target : { ...target, deviceType: null }))
    .filter(({ cluster, endpoint, deviceType }) => cluster !== null || endpoint !== null || deviceType !== null);

const entries: fc.Arbitrary<AccessControlEntry> = fc
    .record({
        privilege: fc.constantFrom(...Object.values(Privilege)),
        authMode: fc.constantFrom(AuthMode.CASE, AuthMode.CASE, AuthMode.GROUP),
        subjects: anyOf(fc.oneof(fc.bigInt({ min: 1n, max: 3n }), tags.map(catSubject)), 3),
        targets: anyOf(targets, 3),
    })
    .map(canonicalEntry);

const requesters: fc.Arbitrary<Requester> = fc.record({
    subject: fc.bigInt({ min: 1n, max: 4n }),
    cats: fc.array(tags, { maxLength: 2 }),
    authMode: fc.constantFrom(AuthMode.CASE, AuthMode.GROUP),
});

/** Every place and every privilege that anything asks for. */
const questions: AccessQuestion[] = [...TYPES].flatMap(([endpoint, [deviceType]]) =>
    CLUSTERS.flatMap(cluster =>
        [Privilege.VIEW, Privilege.OPERATE, Privilege.MANAGE, Privilege.ADMINISTER].map(privilege => ({ endpoint, deviceType: deviceType!, cluster, privilege })),
    ),
);

describe("coverage", () => {
    it("never calls covered what the list does not grant", () => {
        let covered = 0;
        fc.assert(
            fc.property(entries, fc.array(entries, { maxLength: 5 }), fc.array(requesters, { minLength: 4, maxLength: 12 }), (entry, list, who) => {
                if (!isCovered(entry, list, TYPES)) {
                    return;
                }
                covered++;
                for (const requester of who) {
                    for (const question of questions) {
                        expect(isGranted([entry], requester, question) && !isGranted(list, requester, question)).toBe(false);
                    }
                }
            }),
            parameters(RUNS),
        );
        expect(covered).toBeGreaterThan(RUNS / 20);
    });

    it("lets nothing pass the guard that does not let the manager in", () => {
        let passed = 0;
        const administer = { endpoint: 0, deviceType: 0x16, cluster: AccessControl.id, privilege: Privilege.ADMINISTER };
        fc.assert(
            fc.property(entries, fc.bigInt({ min: 1n, max: 3n }), fc.array(tags, { maxLength: 2 }), (entry, subject, cats) => {
                if (letsAdministrate(entry, { nodeId: nodeId(subject), caseAuthenticatedTags: cats })) {
                    passed++;
                    expect(isGranted([entry], { subject, cats, authMode: AuthMode.CASE }, administer)).toBe(true);
                }
            }),
            parameters(RUNS),
        );
        expect(passed).toBeGreaterThan(RUNS / 50);
    });

    it("covers each entry by itself", () => {
        fc.assert(
            fc.property(entries, entry => {
                expect(isCovered(entry, [entry], new Map())).toBe(true);
            }),
            parameters(RUNS / 10),
        );
    });
});
