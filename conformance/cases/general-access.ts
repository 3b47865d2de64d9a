import { Status } from "../../src/core/status.js";
import { section } from "../conformance-case.js";
import { aclEntry, G1, group, groupChange, keySet, N1 } from "../fixtures.js";
import { attributeNames, attributes, commands, type Field } from "../specification.js";
import type { Accessor } from "../target.js";
import { type Value } from "../values.js";
import { N, valid } from "./valid-commands.js";

const { CONSTRAINT_ERROR, INVALID_ACTION, INVALID_COMMAND, SUCCESS, UNSUPPORTED_ACCESS, UNSUPPORTED_WRITE } = Status;
const MALFORMED = [INVALID_COMMAND, INVALID_ACTION];
const MANAGER: Accessor = { kind: "node", privilege: "manage" };

/** A value that no decoder takes for this type. */
function wrongFor({ type }: Field): Value {
    return type === "string" || type === "octets" ? 5 : typeof type === "string" ? "text" : 5;
}

/** Who may do what, and requests that are malformed. */
export const generalAccess = section("11.24", "GEN", [
    {
        n: 2,
        reqs: ["R-007"],
        must: "No attribute can be written.",
        fixture: "F0",
        when: "write each attribute",
        then: "UNSUPPORTED_WRITE; nothing changes",
        async run(bed) {
            const before = await bed.session.readAll();
            for (const name of attributeNames) {
                const value = before.attributes[name];
                bed.equal(await bed.session.write(name, value), UNSUPPORTED_WRITE, `the status of writing ${name}`);
            }
            bed.equal((await bed.session.readAll()).attributes, before.attributes, "the attributes");
        },
    },
    {
        n: 3,
        reqs: ["R-005"],
        must: "Without Administer nothing can be read, and a wildcard shows nothing.",
        fixture: "F0",
        needs: ["accessRights"],
        when: "clients with View, Operate and Manage read each attribute, and all",
        then: "UNSUPPORTED_ACCESS each; nothing",
        async run(bed) {
            for (const privilege of ["view", "operate", "manage"] as const) {
                const accessor: Accessor = { kind: "node", privilege };
                for (const name of attributeNames) {
                    bed.equal((await bed.session.read(name, accessor)).status, UNSUPPORTED_ACCESS, `reading ${name} with ${privilege}`);
                }
                bed.equal(Object.keys((await bed.session.readAll(accessor)).attributes), [], `a wildcard read with ${privilege}`);
            }
        },
    },
    {
        n: 4,
        reqs: ["R-006", "R-012"],
        must: "Without Administer nothing can be invoked.",
        fixture: "F1",
        needs: ["accessRights"],
        when: "a client with Manage invokes each command",
        then: "UNSUPPORTED_ACCESS each; nothing changes, no traffic",
        async run(bed) {
            for (const { name } of commands) {
                await bed.expect(UNSUPPORTED_ACCESS, name, valid[name]!, MANAGER);
            }
            await bed.settle();
            await bed.expectNoTraffic(N1);
        },
    },
    {
        n: 5,
        reqs: ["R-004"],
        must: "The Administrator CAT gives access.",
        fixture: "F0",
        when: "a client with the CAT of version 1 reads and invokes",
        then: "SUCCESS",
        async run(bed) {
            bed.equal(Object.keys(await bed.attributes()).length, attributes.length, "attributes that are read");
            await bed.ok("addKeySet", valid["addKeySet"]!);
        },
    },
    {
        n: 6,
        reqs: ["R-004"],
        must: "An Administer entry for a node id, without the CAT, gives no access.",
        fixture: "F0",
        needs: ["accessRights"],
        when: "such a node reads and invokes",
        then: "UNSUPPORTED_ACCESS (profile aclOnly: SUCCESS)",
        async run(bed) {
            const accessor: Accessor = { kind: "node", privilege: "administer" };
            const order = bed.profile.accessModel === "catOnly" ? [UNSUPPORTED_ACCESS] : [SUCCESS, UNSUPPORTED_ACCESS];
            const { status } = await bed.session.read("status", accessor);
            bed.check((order as readonly number[]).includes(status), `reading is answered ${status}`);
            await bed.expect(order, "addKeySet", valid["addKeySet"]!, accessor);
        },
    },
    {
        n: 7,
        reqs: ["R-004"],
        must: "The CAT must have at least the version that the access control list asks for.",
        fixture: "F0",
        needs: ["accessRights"],
        setup: { requiredCatVersion: 2 },
        when: "clients with versions 1, 2 and 3",
        then: "UNSUPPORTED_ACCESS for 1; SUCCESS for 2 and 3",
        async run(bed) {
            for (const [catVersion, expected] of [
                [1, UNSUPPORTED_ACCESS],
                [2, SUCCESS],
                [3, SUCCESS],
            ] as const) {
                bed.equal((await bed.session.read("status", { kind: "administrator", catVersion })).status, expected, `reading with version ${catVersion}`);
            }
        },
    },
    {
        n: 9,
        reqs: ["R-008"],
        must: "Administrators of other fabrics are kept out.",
        fixture: "F0",
        needs: ["otherFabric"],
        when: "an administrator of another fabric reads and invokes",
        then: "UNSUPPORTED_ACCESS",
        async run(bed) {
            const accessor: Accessor = { kind: "otherFabric" };
            bed.equal((await bed.session.read("status", accessor)).status, UNSUPPORTED_ACCESS, "reading from another fabric");
            await bed.expect(UNSUPPORTED_ACCESS, "addKeySet", valid["addKeySet"]!, accessor);
        },
    },
    {
        n: 10,
        reqs: ["R-008"],
        must: "Fabric filtering makes no difference.",
        fixture: "F1",
        needs: ["fabricFilter"],
        when: "read all with and without fabric filter",
        then: "the same",
        async run(bed) {
            const filtered = await bed.session.readAll(undefined, { fabricFiltered: true });
            const unfiltered = await bed.session.readAll(undefined, { fabricFiltered: false });
            bed.equal(filtered.attributes, unfiltered.attributes, "the attributes");
        },
    },
    {
        n: 11,
        reqs: ["R-009"],
        must: "A PASE session does not reach the datastore.",
        fixture: "F0",
        needs: ["pase"],
        when: "read and invoke over PASE",
        then: "UNSUPPORTED_ACCESS",
        async run(bed) {
            bed.equal((await bed.session.read("status", { kind: "pase" })).status, UNSUPPORTED_ACCESS, "reading over PASE");
            await bed.expect(UNSUPPORTED_ACCESS, "addKeySet", valid["addKeySet"]!, { kind: "pase" });
        },
    },
    {
        n: 12,
        reqs: ["R-013"],
        must: "A command without a mandatory field is refused.",
        fixture: "F1",
        needs: ["rawCommands"],
        when: "each command with each mandatory field left out",
        then: "INVALID_COMMAND or INVALID_ACTION; nothing changes",
        async run(bed) {
            for (const { name, fields } of commands) {
                for (const { name: field } of fields.filter(({ optional }) => optional !== true)) {
                    const { [field]: _, ...rest } = valid[name]!;
                    await bed.expect(MALFORMED, name, rest);
                }
            }
        },
    },
    {
        n: 13,
        reqs: ["R-013"],
        must: "Null in a field that is not nullable, and a wrong type, are refused.",
        fixture: "F1",
        needs: ["rawCommands"],
        when: "each field of each command null, and of another type",
        then: "INVALID_COMMAND or INVALID_ACTION; nothing changes",
        async run(bed) {
            for (const { name, fields } of commands) {
                for (const field of fields) {
                    if (field.nullable !== true) {
                        await bed.expect(MALFORMED, name, { ...valid[name]!, [field.name]: null });
                    }
                    await bed.expect(MALFORMED, name, { ...valid[name]!, [field.name]: wrongFor(field) });
                }
            }
        },
    },
    {
        n: 15,
        reqs: ["R-015", "R-014"],
        must: "Undefined values of enumerations are refused.",
        fixture: "F1",
        when: "privileges 0, 2, 6; auth modes 0, 4; security policy 1; in each command that has them",
        then: "CONSTRAINT_ERROR each; nothing stored",
        async run(bed) {
            for (const privilege of [0, 2, 6]) {
                await bed.expect([CONSTRAINT_ERROR], "addGroup", group(G1, { groupPermission: privilege }));
                await bed.expect([CONSTRAINT_ERROR], "addAclToNode", { ...N, aclEntry: aclEntry([7n], { privilege }) });
            }
            for (const authMode of [0, 4]) {
                await bed.expect([CONSTRAINT_ERROR], "addAclToNode", { ...N, aclEntry: aclEntry([7n], { authMode }) });
            }
            await bed.ok("addGroup", group(G1));
            await bed.expect([CONSTRAINT_ERROR], "updateGroup", groupChange(G1, { groupPermission: 2 }));
            await bed.expect([CONSTRAINT_ERROR], "addKeySet", { groupKeySet: { ...keySet(9), groupKeySecurityPolicy: 1 } });
        },
    },
]);
