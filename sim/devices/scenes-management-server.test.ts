import { describe, expect, it } from "vitest";
import type { DeviceFields } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { Random } from "../random.js";
import { onOffLight, OnOff, ScenesManagement, type SwitchOptions } from "./composition.js";
import { matterJsRules } from "./device-rules.js";
import { MANAGER_FABRIC, SimNode } from "./sim-node.js";
import * as t from "./testing.js";

const { commands, attributes, id } = ScenesManagement;

const sceneCommand = (command: number, groupId: number, sceneId: number, fields: DeviceFields = {}, endpoint = 1) =>
    t.invoke(endpoint, id, command, { groupId, sceneId, ...fields });
const add = (groupId: number, sceneId: number, fields: DeviceFields = {}, endpoint = 1) =>
    sceneCommand(commands.addScene, groupId, sceneId, { transitionTime: 0, sceneName: "", extensionFieldSetStructs: [], ...fields }, endpoint);
const view = (groupId: number, sceneId: number) => sceneCommand(commands.viewScene, groupId, sceneId);
const store = (groupId: number, sceneId: number) => sceneCommand(commands.storeScene, groupId, sceneId);
const remove = (groupId: number, sceneId: number) => sceneCommand(commands.removeScene, groupId, sceneId);
const recall = (groupId: number, sceneId: number, fields: DeviceFields = {}) => sceneCommand(commands.recallScene, groupId, sceneId, fields);
const removeAll = (groupId: number) => t.invoke(1, id, commands.removeAllScenes, { groupId });
const membership = (groupId: number) => t.invoke(1, id, commands.getSceneMembership, { groupId });
const readInfo = t.read(1, id, attributes.fabricSceneInfo);
const turn = (command: number) => t.invoke(1, OnOff.id, command);
const isOn = (node: SimNode) => t.valueOf(node.handle(t.read(1, OnOff.id, OnOff.attributes.onOff))).value;
const onOffSet = (value: number) => [{ clusterId: OnOff.id, attributeValueList: [{ attributeId: 0, valueUnsigned8: value }] }];
const infoOf = (node: SimNode) => (t.valueOf(node.handle(readInfo)).value as unknown as readonly DeviceFields[])[0]!;
const scenesOf = (node: SimNode, groupId: number) => t.fieldsOf(node.handle(membership(groupId)))["sceneList"];

/** A light in groups 1 and 2. */
function light(options: SwitchOptions = {}): SimNode {
    const node = new SimNode(onOffLight(options), new Random(1));
    node.handle(t.writeKeySet(1));
    node.handle(t.writeKeyMap([[1, 1], [2, 1], [3, 1]]));
    node.handle(t.addGroup(1));
    node.handle(t.addGroup(2));
    return node;
}

describe("a scene", () => {
    it("is added, viewed and listed for its group", () => {
        const node = light();
        const fields = { transitionTime: 500, sceneName: "dinner", extensionFieldSetStructs: onOffSet(1) };
        expect(t.fieldsOf(node.handle(add(1, 7, fields)))).toEqual({ status: Status.SUCCESS, groupId: 1, sceneId: 7 });
        expect(t.fieldsOf(node.handle(view(1, 7)))).toEqual({ status: Status.SUCCESS, groupId: 1, sceneId: 7, ...fields });
        expect(t.fieldsOf(node.handle(membership(1)))).toEqual({ status: Status.SUCCESS, capacity: 6, groupId: 1, sceneList: [7] });
        expect(scenesOf(node, 2)).toEqual([]);
    });

    it("needs its group in the table of the endpoint, told in the payload; group 0 is none", () => {
        const node = light();
        for (const request of [add(3, 1), view(3, 1), store(3, 1), remove(3, 1), removeAll(3), membership(3)]) {
            expect(t.payloadStatusOf(node.handle(request))).toBe(Status.INVALID_COMMAND);
        }
        expect(t.statusOf(node.handle(recall(3, 1)))).toBe(Status.INVALID_COMMAND);
        expect(t.fieldsOf(node.handle(membership(3)))).toEqual({ status: Status.INVALID_COMMAND, capacity: null, groupId: 3 });
        expect(t.payloadStatusOf(node.handle(add(0, 1)))).toBe(Status.SUCCESS);
    });

    it("needs only the group's map entry on matter.js", () => {
        const node = light({ rules: matterJsRules });
        expect(t.payloadStatusOf(node.handle(add(3, 1)))).toBe(Status.SUCCESS);
        expect(t.payloadStatusOf(node.handle(add(4, 1)))).toBe(Status.INVALID_COMMAND);
    });

    it("that is not there is NOT_FOUND", () => {
        const node = light();
        expect([view(1, 1), remove(1, 1)].map(request => t.payloadStatusOf(node.handle(request)))).toEqual([Status.NOT_FOUND, Status.NOT_FOUND]);
        expect(t.statusOf(node.handle(recall(1, 1)))).toBe(Status.NOT_FOUND);
    });

    it("has an id up to 254, a transition up to 60,000 s, a name of 16 bytes, and values that a scene can hold", () => {
        const node = light();
        for (const request of [add(1, 255), view(1, 255), store(1, 255), remove(1, 255), add(1, 1, { transitionTime: 60_000_001 })]) {
            expect(t.payloadStatusOf(node.handle(request))).toBe(Status.CONSTRAINT_ERROR);
        }
        expect(t.statusOf(node.handle(add(1, 1, { sceneName: "ä".repeat(9) })))).toBe(Status.CONSTRAINT_ERROR);
        expect(t.statusOf(node.handle(recall(1, 1, { transitionTime: 60_000_001 })))).toBe(Status.CONSTRAINT_ERROR);
        const unfit: readonly DeviceFields[] = [
            { attributeId: 9, valueUnsigned8: 1 },
            { attributeId: 0, valueUnsigned16: 1 },
            { attributeId: 0, valueUnsigned8: 1, valueSigned8: 1 },
            { attributeId: 0 },
        ];
        for (const pair of unfit) {
            const extensionFieldSetStructs = [{ clusterId: OnOff.id, attributeValueList: [pair] }];
            expect(t.payloadStatusOf(node.handle(add(1, 1, { extensionFieldSetStructs })))).toBe(Status.INVALID_COMMAND);
        }
        expect(node.scenes(MANAGER_FABRIC, 1)).toEqual([]);
    });

    it("passes over sets of clusters that are not here; the last set of a cluster counts, and what is no boolean is false", () => {
        const node = light();
        const sets = [...onOffSet(1), { clusterId: 0x08, attributeValueList: [{ attributeId: 0, valueUnsigned8: 9 }] }];
        node.handle(add(1, 1, { extensionFieldSetStructs: sets }));
        node.handle(add(1, 2, { extensionFieldSetStructs: [...onOffSet(1), ...onOffSet(7)] }));
        expect(node.scenes(MANAGER_FABRIC, 1).map(({ onOff }) => onOff)).toEqual([true, false]);
    });

    it("is replaced when it is added again, and keeps name and transition when it is stored again", () => {
        const node = light();
        node.handle(add(1, 1, { sceneName: "old", transitionTime: 3, extensionFieldSetStructs: onOffSet(1) }));
        node.handle(store(1, 1));
        expect(node.scenes(MANAGER_FABRIC, 1)).toEqual([{ groupId: 1, sceneId: 1, sceneName: "old", transitionTime: 3, onOff: false }]);
        node.handle(add(1, 1, { sceneName: "new" }));
        expect(node.scenes(MANAGER_FABRIC, 1)).toEqual([{ groupId: 1, sceneId: 1, sceneName: "new", transitionTime: 0, onOff: null }]);
    });

    it("finds no room beyond less than half of the table, where replacing goes on", () => {
        const node = light();
        const statuses = Array.from({ length: 8 }, (_, at) => t.payloadStatusOf(node.handle(add(1, at + 1))));
        expect(statuses).toEqual([...new Array<number>(7).fill(Status.SUCCESS), Status.RESOURCE_EXHAUSTED]);
        expect(t.payloadStatusOf(node.handle(store(2, 1)))).toBe(Status.RESOURCE_EXHAUSTED);
        expect(t.payloadStatusOf(node.handle(add(1, 7, { sceneName: "again" })))).toBe(Status.SUCCESS);
        expect(infoOf(node)).toMatchObject({ sceneCount: 7, remainingCapacity: 0 });
        expect(t.valueOf(node.handle(t.read(1, id, attributes.sceneTableSize))).value).toBe(16);
    });

    it("finds no room in what other fabrics fill", () => {
        const node = light();
        for (const fabric of [2, 3]) {
            node.addFabric(fabric);
            for (let scene = 1; scene <= 7; scene++) {
                node.handle(add(0, scene), fabric);
            }
        }
        const statuses = [1, 2, 3].map(scene => t.payloadStatusOf(node.handle(add(0, scene))));
        expect(statuses).toEqual([Status.SUCCESS, Status.SUCCESS, Status.RESOURCE_EXHAUSTED]);
        expect(scenesOf(node, 0)).toEqual([1, 2]);
    });

    it("is refused with fields that are none", () => {
        const node = light();
        const malformed = [
            add("x" as never, 1),
            add(1, 256),
            add(1, 1, { sceneName: 4 }),
            add(1, 1, { extensionFieldSetStructs: null }),
            add(1, 1, { extensionFieldSetStructs: [7] }),
            add(1, 1, { extensionFieldSetStructs: [{ clusterId: 6, attributeValueList: [7] }] }),
            recall(1, 1, { transitionTime: "x" }),
            t.invoke(1, id, commands.removeAllScenes),
        ];
        expect(malformed.map(request => t.statusOf(node.handle(request)))).toEqual(malformed.map(() => Status.INVALID_COMMAND));
        expect(t.statusOf(node.handle(t.invoke(1, id, 0x40, { groupId: 1 })))).toBe(Status.UNSUPPORTED_COMMAND);
    });
});

describe("scenes go", () => {
    it("one by one, and all of a group", () => {
        const node = light();
        for (const [group, scene] of [[1, 1], [1, 2], [1, 3], [2, 1]] as const) {
            node.handle(add(group, scene));
        }
        expect(t.fieldsOf(node.handle(remove(1, 2)))).toEqual({ status: Status.SUCCESS, groupId: 1, sceneId: 2 });
        expect(scenesOf(node, 1)).toEqual([1, 3]);
        expect(t.fieldsOf(node.handle(removeAll(1)))).toEqual({ status: Status.SUCCESS, groupId: 1 });
        expect([scenesOf(node, 1), scenesOf(node, 2)]).toEqual([[], [1]]);
    });

    it("with their group, on the endpoint that leaves it", () => {
        const node = light({ lights: 2 });
        node.handle(t.addGroup(1, "", 2));
        for (const endpoint of [1, 2]) {
            node.handle(add(1, 1, {}, endpoint));
        }
        node.handle(add(2, 1));
        node.handle(t.removeGroup(1));
        expect(node.scenes(MANAGER_FABRIC, 1).map(({ groupId }) => groupId)).toEqual([2]);
        expect(node.scenes(MANAGER_FABRIC, 2)).toHaveLength(1);
        node.handle(t.removeGroup(3));
        expect(scenesOf(node, 2)).toEqual([1]);
    });

    it("with all groups, but for those of none; on other stacks those too", () => {
        const leftUnder = (rules: SwitchOptions["rules"]) => {
            const node = light(rules === undefined ? {} : { rules });
            node.handle(add(0, 1));
            node.handle(add(1, 1));
            node.handle(t.removeAllGroups());
            return node.scenes(MANAGER_FABRIC, 1).map(({ groupId }) => groupId);
        };
        expect([leftUnder(undefined), leftUnder(matterJsRules)]).toEqual([[0], []]);
    });

    it("not with their key set: the membership stays too", () => {
        const node = light();
        node.handle(add(1, 1));
        node.handle(t.removeKeySet(1));
        expect([node.groupKeyMap(MANAGER_FABRIC), scenesOf(node, 1)]).toEqual([[], [1]]);
    });

    it("with an endpoint that the node forgets, and with the fabric", () => {
        const node = light();
        node.addFabric(2);
        node.handle(add(0, 1), 2);
        node.handle(add(1, 1));
        node.removeEndpoint(1, true);
        expect([node.scenes(MANAGER_FABRIC, 1), node.scenes(2, 1)]).toEqual([[], []]);
    });
});

describe("the current scene", () => {
    it("is the one stored or recalled last, until the light changes", () => {
        const node = light();
        expect(infoOf(node)).toEqual({ sceneCount: 0, currentScene: 0xff, currentGroup: 0, sceneValid: false, remainingCapacity: 7 });
        node.handle(turn(OnOff.commands.on));
        node.handle(store(1, 5));
        expect(infoOf(node)).toEqual({ sceneCount: 1, currentScene: 5, currentGroup: 1, sceneValid: true, remainingCapacity: 6 });
        node.handle(turn(OnOff.commands.on));
        expect(infoOf(node)["sceneValid"]).toBe(true);
        node.handle(turn(OnOff.commands.toggle));
        expect([isOn(node), infoOf(node)["sceneValid"]]).toEqual([false, false]);
        node.handle(recall(1, 5));
        expect([isOn(node), infoOf(node)["sceneValid"]]).toEqual([true, true]);
    });

    it("leaves the light alone when it says nothing of it", () => {
        const node = light();
        node.handle(add(1, 1));
        expect(t.statusOf(node.handle(recall(1, 1, { transitionTime: null })))).toBe(Status.SUCCESS);
        expect(isOn(node)).toBe(false);
    });

    it("is none any more when it is removed, alone or with its group", () => {
        const removals = [remove(1, 5), removeAll(1), t.removeGroup(1), t.removeAllGroups()];
        for (const removal of removals) {
            const node = light();
            node.handle(store(1, 5));
            node.handle(removal);
            expect(infoOf(node)).toMatchObject({ currentScene: 5, sceneValid: false, sceneCount: 0 });
        }
        const node = light();
        node.handle(store(1, 5));
        node.handle(add(1, 6));
        node.handle(remove(1, 6));
        node.handle(removeAll(2));
        expect(infoOf(node)["sceneValid"]).toBe(true);
    });

    it("is one fabric's at a time", () => {
        const node = light();
        node.addFabric(2);
        node.handle(store(1, 5));
        node.handle(store(0, 1), 2);
        expect(infoOf(node)).toMatchObject({ currentScene: 5, sceneValid: false });
        expect(t.valueOf(node.handle(readInfo, 2)).value).toMatchObject([{ currentScene: 1, sceneValid: true }]);
    });
});

describe("the data version", () => {
    const steps = (node: SimNode, request: ReturnType<typeof view>) => {
        const before = t.versionAt(node, readInfo);
        node.handle(request);
        return (t.versionAt(node, readInfo) - before) >>> 0;
    };

    it("moves once for each command that changes FabricSceneInfo", () => {
        const node = light();
        const requests = [add(1, 1), add(1, 1), view(1, 1), store(1, 2), store(1, 2), recall(1, 1), turn(OnOff.commands.on), turn(OnOff.commands.off), remove(1, 2), t.removeAllGroups()];
        expect(requests.map(request => steps(node, request))).toEqual([1, 0, 0, 1, 0, 1, 1, 0, 1, 1]);
    });

    it("moves on matter.js for another content of a scene too", () => {
        const renamed = add(1, 1, { sceneName: "other" });
        const [ours, theirs] = [light(), light({ rules: matterJsRules })];
        [ours, theirs].forEach(node => node.handle(add(1, 1)));
        expect([steps(ours, renamed), steps(theirs, renamed), steps(theirs, renamed)]).toEqual([0, 1, 0]);
    });
});

describe("what a light keeps", () => {
    it("are its scenes and whether it is on, through a reboot; a power cut takes back what is newer; the current scene is forgotten", () => {
        const node = light();
        node.handle(turn(OnOff.commands.on));
        node.handle(store(1, 1));
        const snapshot = node.snapshot();
        node.handle(turn(OnOff.commands.off));
        node.handle(add(1, 2));
        node.reboot(new Random(9));
        expect([scenesOf(node, 1), isOn(node)]).toEqual([[1, 2], false]);
        expect(infoOf(node)).toMatchObject({ currentScene: 0xff, sceneValid: false, sceneCount: 2 });
        node.restore(snapshot);
        node.reboot(new Random(10));
        expect([scenesOf(node, 1), isOn(node)]).toEqual([[1], true]);
        node.reset(node.composition, new Random(11));
        expect([node.scenes(MANAGER_FABRIC, 1), isOn(node)]).toEqual([[], false]);
    });

    it("counts as a change of its own", () => {
        const node = light();
        const before = node.changes(MANAGER_FABRIC).scenes;
        node.handle(add(1, 1));
        node.handle(add(1, 1));
        node.handle(view(1, 1));
        expect(node.changes(MANAGER_FABRIC).scenes).toBe(before + 1);
    });
});
