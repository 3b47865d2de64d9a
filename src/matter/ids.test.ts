import { camelize } from "@matter/general";
import { Matter } from "@matter/model";
import { Status as MatterStatus } from "@matter/types";
import { describe, expect, it } from "vitest";
import * as clusters from "../core/clusters.js";
import { Status } from "../core/status.js";

interface OwnCluster {
    readonly id: number;
    readonly attributes?: Readonly<Record<string, number>>;
    readonly commands?: Readonly<Record<string, number>>;
}

describe.each(Object.entries<OwnCluster>(clusters))("our constants of %s", (name, own) => {
    const model = Matter.clusters(own.id);

    it("have the specification's cluster id", () => {
        expect(model?.name).toBe(name);
    });

    it("have the specification's attribute ids", () => {
        const theirs = Object.fromEntries(
            Object.keys(own.attributes ?? {}).map(attribute => [
                attribute,
                model?.attributes.find(candidate => candidate.propertyName === attribute)?.id,
            ]),
        );
        expect(own.attributes ?? {}).toEqual(theirs);
    });

    it("have the specification's command ids", () => {
        const theirs = Object.fromEntries(
            Object.keys(own.commands ?? {}).map(command => [
                command,
                model?.commands.find(candidate => candidate.isRequest && candidate.propertyName === command)?.id,
            ]),
        );
        expect(own.commands ?? {}).toEqual(theirs);
    });
});

describe("our status codes", () => {
    const theirs = new Map<string, number>(
        Object.entries(MatterStatus)
            .filter((entry): entry is [string, number] => typeof entry[1] === "number")
            .map(([name, code]) => [name.toLowerCase(), code]),
    );

    it.each(Object.entries(Status))("%s is %i in the specification too", (name, code) => {
        expect(theirs.get(camelize(name.toLowerCase(), false).toLowerCase())).toBe(code);
    });
});
