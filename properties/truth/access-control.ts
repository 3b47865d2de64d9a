import * as fc from "fast-check";
import { AccessControl } from "../../src/core/clusters.js";
import type { DeviceFields, DeviceValue } from "../../src/core/device.js";
import { AuthMode } from "../../sim/devices/access-control-entry.js";
import { Privilege } from "../../sim/devices/privilege.js";
import { ADMINISTRATOR } from "./administrator.js";
import { groupKeyManagementCommands } from "./group-key-management.js";
import { groupsCommands } from "./groups.js";
import { anyRead, conditionally, path, sequenceOf, strayWrite, write } from "./requests.js";
import type { Ask, TruthCluster, TruthCommand } from "./truth-cluster.js";

const NAME = "AccessControl";
const { attributes, id } = AccessControl;
const ACL = path(0, id, attributes.acl);

/** What commissioning leaves, and what keeps the controller in. */
const OWN_ENTRY: DeviceFields = { privilege: Privilege.ADMINISTER, authMode: AuthMode.CASE, subjects: [ADMINISTRATOR], targets: null };

const privileges = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom<number>(Privilege.VIEW, Privilege.OPERATE, Privilege.MANAGE, Privilege.ADMINISTER) },
    { weight: 1, arbitrary: fc.constantFrom<number>(Privilege.PROXY_VIEW, 0, 6) },
);

/** Node ids, and tags with and without a version. */
const caseSubjects = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(0x10n, 0x11n, ADMINISTRATOR, 0xffff_fffd_0001_0001n, 0xffff_fffd_0001_0002n) },
    { weight: 1, arbitrary: fc.constantFrom(0n, 0xffff_fffd_0001_0000n, 0xffff_fff0_0000_0000n, 0xffff_ffff_ffff_0001n, 0xffff_ffff_ffff_ffffn) },
);

const groupSubjects = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(1n, 2n, 0xfeffn) }, { weight: 1, arbitrary: fc.constantFrom(0n, 0x1_0001n) });

const nullOr = (values: readonly number[]): fc.Arbitrary<number | null> => fc.constantFrom<number | null>(null, ...values);

const targets = fc.oneof(
    {
        weight: 4,
        arbitrary: fc.record({ cluster: nullOr([0x04, 0x3f, 0x1f]), endpoint: nullOr([0, 1, 2]), deviceType: fc.constant<number | null>(null) }),
    },
    { weight: 2, arbitrary: fc.record({ cluster: nullOr([0x04]), endpoint: fc.constant<number | null>(null), deviceType: fc.constantFrom(0x16, 0x103) }) },
    {
        weight: 1,
        arbitrary: fc.record({ cluster: nullOr([0x8000, 0xfff1_fc00]), endpoint: nullOr([1, 0xfffe]), deviceType: nullOr([0x103, 0xc000]) }),
    },
);

const entriesOf = (authMode: number, subjects: fc.Arbitrary<bigint>): fc.Arbitrary<DeviceFields> =>
    fc.record({
        privilege: privileges,
        authMode: fc.constant(authMode),
        subjects: listOrNull(subjects, 5),
        targets: listOrNull(targets, 5),
    });

const entries = fc.oneof(
    { weight: 6, arbitrary: entriesOf(AuthMode.CASE, caseSubjects) },
    { weight: 3, arbitrary: entriesOf(AuthMode.GROUP, groupSubjects) },
    { weight: 1, arbitrary: fc.constantFrom(AuthMode.PASE, 0, 4).chain(authMode => entriesOf(authMode, caseSubjects)) },
);

/** The controller keeps its rights in most of them: a world where it has lost them takes long to put right. */
const lists: fc.Arbitrary<readonly DeviceFields[]> = fc.oneof(
    { weight: 8, arbitrary: fc.array(entries, { maxLength: 2 }).map(others => [OWN_ENTRY, ...others]) },
    { weight: 2, arbitrary: fc.array(entries, { maxLength: 5 }).map(others => [...others, OWN_ENTRY]) },
    { weight: 1, arbitrary: fc.array(entries, { maxLength: 3 }) },
);

const READ_ONLY: readonly (readonly [number, DeviceValue])[] = [
    [attributes.subjectsPerAccessControlEntry, 9],
    [attributes.accessControlEntriesPerFabric, 9],
];

/** Any command of this cluster. */
const accessControlCommands: fc.Arbitrary<TruthCommand> = fc.oneof(
    { weight: 8, arbitrary: conditionally(NAME, lists.map(list => write(ACL, list))) },
    { weight: 2, arbitrary: anyRead(0, id, Object.values(attributes)).map(request => ({ cluster: NAME, request })) },
    { weight: 1, arbitrary: conditionally(NAME, strayWrite(0, id, READ_ONLY)) },
);

/** Access Control (core section 9.10), and what other clusters answer under lists that grant the controller less. */
export const accessControl: TruthCluster = {
    name: NAME,
    devices: ["switch", "light"],
    share: 4,
    sequence: sequenceOf(
        fc.oneof(
            { weight: 6, arbitrary: accessControlCommands },
            { weight: 1, arbitrary: groupKeyManagementCommands },
            { weight: 1, arbitrary: groupsCommands },
        ),
    ),
    observed: [ACL],
    affects: [],
    async undo(ask: Ask) {
        await ask(write(ACL, [OWN_ENTRY]));
    },
};

/** Mostly a short list; null and the empty list mean the same. */
function listOrNull<T extends DeviceValue>(elements: fc.Arbitrary<T>, max: number): fc.Arbitrary<readonly T[] | null> {
    return fc.oneof(
        { weight: 6, arbitrary: fc.array(elements, { minLength: 1, maxLength: 2 }) },
        { weight: 2, arbitrary: fc.constantFrom<readonly T[] | null>(null, []) },
        { weight: 1, arbitrary: fc.array(elements, { minLength: max - 1, maxLength: max }) },
    );
}
