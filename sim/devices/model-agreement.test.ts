import { Matter, type AttributeModel, type CommandModel, type DeviceTypeModel } from "@matter/model";
import { describe, expect, it } from "vitest";
import type { DeviceRequest } from "../../src/core/device.js";
import { endpointNumber } from "../../src/core/ids.js";
import { commissionersEntry } from "./access-control-entry.js";
import type { ClusterServer } from "./cluster-server.js";
import { bridgeWithSwitches, onOffLight, onOffLightSwitchWithGroups, specificationMinimum, type EndpointComposition } from "./composition.js";
import { Privilege } from "./privilege.js";
import { Random } from "../random.js";
import { SimNode } from "./sim-node.js";

const compositions = [onOffLightSwitchWithGroups({ binding: true, certificates: true }), onOffLight(), bridgeWithSwitches(), specificationMinimum({ auxiliaryAcl: [commissionersEntry(1n)] })];
const servers = [
    ...new Map(compositions.flatMap(composition => new SimNode(composition, new Random(1)).servers.map(server => [server.shape.id, server]))).values(),
];

/** What matter.js calls a privilege, by ours. */
const byLetter = new Map<string, number>([
    ["V", Privilege.VIEW],
    ["O", Privilege.OPERATE],
    ["M", Privilege.MANAGE],
    ["A", Privilege.ADMINISTER],
]);

/** By device type id. */
const endpoints = new Map(compositions.flatMap(composition => composition.endpoints.map(endpoint => [endpoint.deviceType, endpoint] as const)));

/** Server clusters of a device type that there is no model of. */
const NOT_MODELLED: readonly number[] = [0x30, 0x33, 0x3c, 0x3e];

describe.each([...endpoints])("device type %i", (deviceType: number, endpoint: EndpointComposition) => {
    const model = Matter.deviceTypes.find(({ id }) => id === deviceType) as DeviceTypeModel;

    it("has the revision of the specification", () => {
        expect(endpoint.deviceTypeRevision).toBe(model.revision);
    });

    it("has the mandatory clusters, but for those that are not modelled", () => {
        const mandatory = (element: string) =>
            model.requirements.filter(each => String(each.element) === element && each.conformance.toString() === "M").map(({ id }) => id);
        expect(endpoint.servers).toEqual(expect.arrayContaining(mandatory("serverCluster").filter(id => !NOT_MODELLED.includes(id!))));
        expect(endpoint.clients).toEqual(expect.arrayContaining(mandatory("clientCluster")));
    });
});

describe.each(servers.map(server => [Matter.clusters(server.shape.id)!.name, server] as const))("%s", (_, server: ClusterServer) => {
    const model = Matter.clusters(server.shape.id)!;
    const at = { endpoint: endpointNumber(0), cluster: server.shape.id };

    it("has the revision of the specification", () => {
        expect(server.shape.revision).toBe(model.revision);
    });

    it.each([...server.shape.attributes])("asks for the specification's privileges at attribute %i", attribute => {
        const { readPriv, writePriv, writable } = (model.attributes.find(({ id }) => id === attribute) as AttributeModel).effectiveAccess;
        const read: DeviceRequest = { op: "read", ...at, attribute };
        expect(server.privilegeFor(read)).toBe(byLetter.get(readPriv!));
        const write: DeviceRequest = { op: "write", ...at, attribute, value: 0 };
        expect(server.serves(write)).toBe(writable);
        if (writable) {
            expect(server.privilegeFor(write)).toBe(byLetter.get(writePriv!));
        }
    });

    it.each([...server.shape.commands])("asks for the specification's privilege of command %i", command => {
        const { writePriv } = (model.commands.find(({ id, isRequest }) => isRequest && id === command) as CommandModel).effectiveAccess;
        expect(server.privilegeFor({ op: "invoke", ...at, command, fields: {}, query: false })).toBe(byLetter.get(writePriv!));
    });

    it("answers with the specification's responses", () => {
        const responses = server.shape.commands
            .map(command => model.commands.find(({ id, isRequest }) => isRequest && id === command)!.response)
            .filter(name => name !== undefined && name !== "status")
            .map(name => model.commands.find(candidate => candidate.name === name)!.id);
        expect([...server.shape.responses].sort()).toEqual([...new Set(responses)].sort());
    });
});
