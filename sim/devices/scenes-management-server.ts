import type { DeviceAnswer, DeviceFields, DeviceValue } from "../../src/core/device.js";
import { Status, type StatusCode } from "../../src/core/status.js";
import type { Random } from "../random.js";
import { responseAnswer, statusAnswer, successAnswer } from "./answers.js";
import { ClusterServer, isInteger, utf8Length, type ClusterShape, type ServerSite } from "./cluster-server.js";
import { ScenesManagement } from "./composition.js";
import type { FabricTables } from "./fabric-tables.js";
import type { OnOffServer } from "./on-off-server.js";
import { Privilege } from "./privilege.js";
import { extensionFieldsOf, parseExtensionFields, sameScenes, type Scene } from "./scene.js";

const { sceneTableSize, fabricSceneInfo } = ScenesManagement.attributes;
const { addScene, viewScene, removeScene, removeAllScenes, storeScene, recallScene, getSceneMembership } = ScenesManagement.commands;

const MAX_SCENE_ID = 254;
const MAX_NAME_LENGTH = 16;
const MAX_TRANSITION_MS = 60_000_000;
/** Of one fabric's part of a table (cluster section 1.4.6.2). */
const MAX_CAPACITY = 253;
/** CurrentScene while no scene was invoked. */
const UNDEFINED_SCENE = 0xff;
/** The group id of scenes that belong to no group. */
const NO_GROUP = 0;

const SHAPE: ClusterShape = {
    id: ScenesManagement.id,
    revision: 1,
    attributes: [sceneTableSize, fabricSceneInfo],
    commands: [addScene, viewScene, removeScene, removeAllScenes, storeScene, recallScene, getSceneMembership],
    responses: [0, 1, 2, 3, 4, 6],
    privileges: {
        invoke: {
            [addScene]: Privilege.MANAGE,
            [removeScene]: Privilege.MANAGE,
            [removeAllScenes]: Privilege.MANAGE,
            [storeScene]: Privilege.MANAGE,
        },
    },
};

/** The scene that a fabric invoked last: forgotten in a restart, unlike the table. */
interface CurrentScene {
    readonly sceneId: number;
    readonly groupId: number;
    /** The endpoint's state is still the scene's. */
    readonly isValid: boolean;
}

const NONE: CurrentScene = { sceneId: UNDEFINED_SCENE, groupId: NO_GROUP, isValid: false };

/**
 * Scenes Management (cluster section 1.4), one per endpoint, as far as groups touch it: scenes belong to groups, and go with them. Failures are told inside the
 * response. CopyScene is not modelled.
 */
export class ScenesManagementServer extends ClusterServer {
    override readonly shape = SHAPE;
    readonly #endpoint: number;
    readonly #onOff: OnOffServer | undefined;
    readonly #current = new Map<FabricTables, CurrentScene>();

    constructor(site: ServerSite, onOff: OnOffServer | undefined) {
        super(site);
        this.#endpoint = site.endpoint.number;
        this.#onOff = onOff;
        if (onOff !== undefined) {
            onOff.onChange = () => this.#invalidateAll();
        }
    }

    override reset(random: Random): void {
        super.reset(random);
        this.#current.clear();
    }

    override becomeLike(other: ScenesManagementServer, own: (tables: FabricTables) => FabricTables): void {
        super.becomeLike(other, own);
        this.#current.clear();
        for (const [tables, current] of other.#current) {
            this.#current.set(own(tables), current);
        }
    }

    override invoke(command: number, fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        const { groupId, sceneId } = fields;
        if (!this.shape.commands.includes(command)) {
            return statusAnswer(Status.UNSUPPORTED_COMMAND);
        }
        if (!isInteger(groupId, 0, 0xffff)) {
            return this.malformed;
        }
        if (command === removeAllScenes) {
            return responseAnswer({ status: this.#removeAllScenes(groupId, tables), groupId });
        }
        if (command === getSceneMembership) {
            return this.#getSceneMembership(groupId, tables);
        }
        if (!isInteger(sceneId, 0, 0xff)) {
            return this.malformed;
        }
        switch (command) {
            case addScene:
                return this.#addScene(groupId, sceneId, fields, tables);
            case viewScene:
                return this.#viewScene(groupId, sceneId, tables);
            case removeScene:
                return responseAnswer({ status: this.#removeScene(groupId, sceneId, tables), groupId, sceneId });
            case storeScene:
                return responseAnswer({ status: this.#storeScene(groupId, sceneId, tables), groupId, sceneId });
            default:
                return this.#recallScene(groupId, sceneId, fields, tables);
        }
    }

    protected override attributeValue(attribute: number, tables: FabricTables): DeviceValue | undefined {
        switch (attribute) {
            case sceneTableSize:
                return this.site.composition.sceneTableSize;
            case fabricSceneInfo:
                return [this.#infoOf(tables)];
            default:
                return undefined;
        }
    }

    protected override get featureMap(): number {
        return 1;
    }

    /** An endpoint left a group (cluster section 1.3.7.4), or all of them (null): so do its scenes. */
    groupsLeft(groupId: number | null, tables: FabricTables): void {
        const keepsOthers = groupId === null && this.site.composition.rules.removeAllGroupsKeepsUngroupedScenes;
        const isGone = (of: number) => (groupId === null ? of !== NO_GROUP || !keepsOthers : of === groupId);
        this.#step(tables, scenes => scenes.filter(scene => !isGone(scene.groupId)), isGone);
    }

    #infoOf(tables: FabricTables): DeviceFields {
        const { sceneId, groupId, isValid } = this.#current.get(tables) ?? NONE;
        const sceneCount = tables.scenesOf(this.#endpoint).length;
        return { sceneCount, currentScene: sceneId, currentGroup: groupId, sceneValid: isValid, remainingCapacity: this.#capacity(tables) };
    }

    /** Less than half of the table for one fabric (section 1.4.6.2), and no more than the others leave. */
    #capacity(tables: FabricTables): number {
        const { composition, node } = this.site;
        const own = Math.min(MAX_CAPACITY, Math.floor((composition.sceneTableSize - 1) / 2)) - tables.scenesOf(this.#endpoint).length;
        return Math.max(0, Math.min(own, composition.sceneTableSize - node.countScenes(this.#endpoint)));
    }

    /** SUCCESS, or the status for a place that no scene can be at. */
    #refusalOf(groupId: number, sceneId: number, tables: FabricTables): StatusCode {
        if (sceneId > MAX_SCENE_ID) {
            return Status.CONSTRAINT_ERROR;
        }
        return groupId === NO_GROUP || this.#isGroup(groupId, tables) ? Status.SUCCESS : Status.INVALID_COMMAND;
    }

    #isGroup(groupId: number, tables: FabricTables): boolean {
        return this.site.composition.rules.sceneNeedsMembership ? tables.isMember(groupId, this.#endpoint) : tables.mappedKeySetId(groupId) >= 0;
    }

    #sceneAt(groupId: number, sceneId: number, tables: FabricTables): Scene | undefined {
        return tables.scenesOf(this.#endpoint).find(scene => scene.groupId === groupId && scene.sceneId === sceneId);
    }

    /** Section 1.4.9.2: a scene in the same place is replaced. */
    #addScene(groupId: number, sceneId: number, fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        const { transitionTime, sceneName, extensionFieldSetStructs } = fields;
        const onOff = parseExtensionFields(extensionFieldSetStructs);
        if (!isInteger(transitionTime, 0, 0xffff_ffff) || typeof sceneName !== "string" || onOff === "malformed") {
            return this.malformed;
        }
        const answer = (status: StatusCode) => responseAnswer({ status, groupId, sceneId });
        if (transitionTime > MAX_TRANSITION_MS) {
            return answer(Status.CONSTRAINT_ERROR);
        }
        const refusal = this.#refusalOf(groupId, sceneId, tables) || (onOff === "invalid" ? Status.INVALID_COMMAND : Status.SUCCESS);
        if (refusal !== Status.SUCCESS) {
            return answer(refusal);
        }
        const nameLength = this.site.composition.rules.nameLimitInBytes ? utf8Length(sceneName) : sceneName.length;
        if (nameLength > MAX_NAME_LENGTH) {
            return statusAnswer(Status.CONSTRAINT_ERROR);
        }
        return answer(this.#put({ groupId, sceneId, sceneName, transitionTime, onOff: onOff as boolean | null }, tables));
    }

    #put(scene: Scene, tables: FabricTables): StatusCode {
        const before = this.#sceneAt(scene.groupId, scene.sceneId, tables);
        if (before === undefined && this.#capacity(tables) === 0) {
            return Status.RESOURCE_EXHAUSTED;
        }
        this.#step(tables, scenes => (before === undefined ? [...scenes, scene] : scenes.with(scenes.indexOf(before), scene)));
        return Status.SUCCESS;
    }

    #viewScene(groupId: number, sceneId: number, tables: FabricTables): DeviceAnswer {
        const refusal = this.#refusalOf(groupId, sceneId, tables);
        const scene = refusal === Status.SUCCESS ? this.#sceneAt(groupId, sceneId, tables) : undefined;
        if (scene === undefined) {
            return responseAnswer({ status: refusal || Status.NOT_FOUND, groupId, sceneId });
        }
        const { sceneName, transitionTime } = scene;
        return responseAnswer({
            status: Status.SUCCESS,
            groupId,
            sceneId,
            transitionTime,
            sceneName,
            extensionFieldSetStructs: extensionFieldsOf(scene),
        });
    }

    #removeScene(groupId: number, sceneId: number, tables: FabricTables): StatusCode {
        const refusal = this.#refusalOf(groupId, sceneId, tables);
        const scene = this.#sceneAt(groupId, sceneId, tables);
        if (refusal !== Status.SUCCESS || scene === undefined) {
            return refusal || Status.NOT_FOUND;
        }
        this.#step(
            tables,
            scenes => scenes.filter(other => other !== scene),
            (group, id) => group === groupId && id === sceneId,
        );
        return Status.SUCCESS;
    }

    #removeAllScenes(groupId: number, tables: FabricTables): StatusCode {
        const refusal = this.#refusalOf(groupId, 0, tables);
        if (refusal === Status.SUCCESS) {
            this.#step(tables, scenes => scenes.filter(scene => scene.groupId !== groupId), group => group === groupId);
        }
        return refusal;
    }

    /** Section 1.4.9.10: a scene in the same place keeps its name and transition time. It is the current scene then. */
    #storeScene(groupId: number, sceneId: number, tables: FabricTables): StatusCode {
        const refusal = this.#refusalOf(groupId, sceneId, tables);
        if (refusal !== Status.SUCCESS) {
            return refusal;
        }
        const before = this.#sceneAt(groupId, sceneId, tables) ?? { groupId, sceneId, sceneName: "", transitionTime: 0, onOff: null };
        const version = this.dataVersion;
        const status = this.#put({ ...before, onOff: this.#onOff?.isOn ?? null }, tables);
        if (status === Status.SUCCESS) {
            this.#activate(groupId, sceneId, tables, version);
        }
        return status;
    }

    /** Section 1.4.9.12; a failure is the command's own status. */
    #recallScene(groupId: number, sceneId: number, { transitionTime }: DeviceFields, tables: FabricTables): DeviceAnswer {
        if (!(transitionTime === undefined || transitionTime === null || isInteger(transitionTime, 0, 0xffff_ffff))) {
            return this.malformed;
        }
        if (typeof transitionTime === "number" && transitionTime > MAX_TRANSITION_MS) {
            return statusAnswer(Status.CONSTRAINT_ERROR);
        }
        const refusal = this.#refusalOf(groupId, sceneId, tables);
        const scene = this.#sceneAt(groupId, sceneId, tables);
        if (refusal !== Status.SUCCESS || scene === undefined) {
            return statusAnswer(refusal || Status.NOT_FOUND);
        }
        const version = this.dataVersion;
        if (scene.onOff !== null) {
            this.#onOff?.turn(scene.onOff);
        }
        this.#activate(groupId, sceneId, tables, version);
        return successAnswer;
    }

    #getSceneMembership(groupId: number, tables: FabricTables): DeviceAnswer {
        const status = this.#refusalOf(groupId, 0, tables);
        if (status !== Status.SUCCESS) {
            return responseAnswer({ status, capacity: null, groupId });
        }
        const sceneList = tables.scenesOf(this.#endpoint).flatMap(scene => (scene.groupId === groupId ? [scene.sceneId] : []));
        return responseAnswer({ status, capacity: this.#capacity(tables), groupId, sceneList });
    }

    /** Replaces the fabric's table; `isGone` says which scene can no longer be the current one. The version moves at most once. */
    #step(
        tables: FabricTables,
        change: (scenes: readonly Scene[]) => readonly Scene[],
        isGone: (groupId: number, sceneId: number) => boolean = () => false,
    ): void {
        const before = tables.scenesOf(this.#endpoint);
        const after = change(before);
        const current = this.#current.get(tables);
        const isInvalidated = current?.isValid === true && isGone(current.groupId, current.sceneId);
        if (isInvalidated) {
            this.#current.set(tables, { ...current, isValid: false });
        }
        const isOther = !sameScenes(before, after);
        if (isOther) {
            tables.setScenes(this.#endpoint, after);
        }
        if (isInvalidated || before.length !== after.length) {
            this.changed(fabricSceneInfo);
        } else if (isOther && this.site.composition.rules.sceneTableMovesDataVersion) {
            this.bumpDataVersion();
        }
    }

    /** @param version from before the command: one command, one step of the version */
    #activate(groupId: number, sceneId: number, tables: FabricTables, version: number): void {
        const before = this.#current.get(tables) ?? NONE;
        let isOther = !before.isValid || before.groupId !== groupId || before.sceneId !== sceneId;
        this.#current.set(tables, { sceneId, groupId, isValid: true });
        for (const [other, current] of this.#current) {
            if (other !== tables && current.isValid) {
                this.#current.set(other, { ...current, isValid: false });
                isOther = true;
            }
        }
        if (isOther) {
            this.dataVersion = version;
            this.changed(fabricSceneInfo);
        }
    }

    /** Another command changed what scenes are made of. */
    #invalidateAll(): void {
        let wasValid = false;
        for (const [tables, current] of this.#current) {
            wasValid ||= current.isValid;
            this.#current.set(tables, { ...current, isValid: false });
        }
        if (wasValid) {
            this.changed(fabricSceneInfo);
        }
    }
}
