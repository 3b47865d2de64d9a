import { describe, expect, it } from "vitest";
import { cases } from "../cases/index.js";
import { runCases } from "../runner.js";
import { PlainTarget } from "../targets/plain-target.js";
import { deviants } from "./index.js";

/** Cases that fill lists to the specification's limits: run with a deviant only if they are to catch it. */
const LONG = ["GEN-31", "GEN-33", "AGR-14"];
const shortName = (alias: string) => alias.slice("JFDS-".length);

describe("a server with one defect", () => {
    it("there are at least thirty, each with a defect that is told and cases that catch it", () => {
        expect(deviants.length).toBeGreaterThanOrEqual(30);
        expect(deviants.filter(({ defect, fails }) => defect === "" || fails.length === 0)).toEqual([]);
    });

    it.each(deviants)("$name: $defect", async ({ name, kind, fails }) => {
        const chosen = cases.filter(({ alias }) => !LONG.includes(shortName(alias)) || fails.includes(shortName(alias)));
        const results = await runCases(chosen, new PlainTarget(name, kind));
        const caught = results.filter(({ verdict, blocked }) => blocked !== true && ["failed", "policy", "error"].includes(verdict));
        expect(caught.filter(({ verdict }) => verdict === "error").map(({ reason }) => reason)).toEqual([]);
        expect(caught.map(result => shortName(result.case.alias))).toEqual(fails);
    });
});
