import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { JointFabricDatastore } from "@matter/model";
import { cases } from "./cases/index.js";
import { failingCases } from "./deviants/failing-cases.js";
import { requirements } from "./requirements.js";
import { attributes, CLUSTER_ID, commands, type Field } from "./specification.js";
import { sessionMethods, targetMethods } from "./stdio/methods.js";

/** What takes a server on a real node, or cluster 0x0753: cases come with the targets that can be asked. */
const NEEDS_A_HOST = ["R-002", "R-027", "R-228", "R-237", "R-246", "R-247", "R-248"];

describe("requirements and cases", () => {
    it("every requirement that is explicit or derived has a case, but for those that need a host", () => {
        const covered = new Set(cases.flatMap(({ reqs }) => reqs));
        expect(requirements.filter(({ id, grade }) => grade !== "P" && !covered.has(id)).map(({ id }) => id)).toEqual(NEEDS_A_HOST);
    });

    it("ids of requirements and cases are unique", () => {
        for (const ids of [requirements.map(({ id }) => id), cases.map(({ id }) => id), cases.map(({ alias }) => alias)]) {
            expect(new Set(ids).size).toBe(ids.length);
        }
    });

    it("a case is a MUST as soon as one of its requirements is", () => {
        expect(cases.find(({ alias }) => alias === "JFDS-RKS-01")).toMatchObject({ id: "JFDS/11.24.7.3/1", level: "MUST" });
        expect(cases.find(({ alias }) => alias === "JFDS-RKS-09")).toMatchObject({ level: "MAY" });
    });

    it("deviants fail cases that there are", () => {
        const names = new Set(cases.map(({ alias }) => alias.slice("JFDS-".length)));
        expect(Object.values(failingCases).flat().filter(name => !names.has(name))).toEqual([]);
    });
});

describe("the layout of the cluster", () => {
    const shape = (fields: readonly { readonly id: number; readonly name: string }[]) => fields.map(({ id, name }) => `${id} ${name}`.toLowerCase());
    // Field 8 of a key set is tolerated on input, and disallowed.
    const own = (fields: readonly Field[]) => shape(fields.filter(({ name }) => name !== "groupKeyMulticastPolicy"));

    it("is that of the model that matter.js carries", () => {
        expect(JointFabricDatastore.id).toBe(CLUSTER_ID);
        expect(shape(attributes)).toEqual(shape(JointFabricDatastore.attributes.filter(({ id }) => id < 0xf000)));
        for (const command of commands) {
            const model = JointFabricDatastore.commands.find(({ id, direction }) => id === command.id && String(direction) === "request");
            expect(`${command.id} ${model?.name}`.toLowerCase()).toBe(`${command.id} ${command.name}`.toLowerCase());
            expect(own(command.fields)).toEqual(shape((model?.children ?? []).map(({ id, name }) => ({ id: id!, name }))));
        }
    });
});

describe("the adapter protocol", () => {
    it("has the methods of a session, in its schema too", () => {
        const schema = JSON.parse(readFileSync("conformance/protocol/request.schema.json", "utf8")) as { properties: { method: { enum: string[] } } };
        expect(schema.properties.method.enum).toEqual([...targetMethods, ...Object.keys(sessionMethods)]);
    });
});
