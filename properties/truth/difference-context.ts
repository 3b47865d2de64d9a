/** What known differences are decided on, and the questions that they ask of it. */
import { GeneralCommissioning, GroupKeyManagement, Groups } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceFields, DeviceRequest, WriteRequest } from "../../src/core/device.js";
import { Status, type StatusCode } from "../../src/core/status.js";
import { OnOff, ScenesManagement } from "../../sim/devices/composition.js";
import type { FabricSnapshot } from "../../sim/devices/fabric-tables.js";
import { ANSWER, attributeAspect, versionAspect } from "./party.js";

/** One aspect in which a real node and a model differ after a command, with all that it can depend on. */
export interface DifferenceInContext {
    readonly request: DeviceRequest;
    /** Time passed before the command, in which a fail-safe may have ended. */
    readonly waited: boolean;
    /** What the real node held before the command. */
    readonly before: FabricSnapshot;
    readonly real: DeviceAnswer;
    readonly model: DeviceAnswer;
    /** See `party.ts`. */
    readonly aspect: string;
    /** What the real node showed of it. */
    readonly shown: string;
    readonly expected: string;
}

/** A reason why a real node and the model differ. */
export interface KnownDifference {
    readonly name: string;
    /** Where the specification says otherwise. */
    readonly section: string;
    readonly reason: string;
    /** The model leaves something out, whatever its rules are; otherwise matter.js departs from the specification, and `matterJsRules` does too. */
    readonly modelLacks?: boolean;
    /** True for this difference, and for no other. */
    explains(context: DifferenceInContext): boolean;
}

/** The answer to a write, the attribute that it is of, or its cluster's data version. */
export function isWithin(aspect: string, { endpoint, cluster, attribute }: WriteRequest): boolean {
    return [ANSWER, attributeAspect(endpoint, cluster, attribute), versionAspect(endpoint, cluster)].includes(aspect);
}

export function isKeyCommand(request: DeviceRequest, ...among: readonly number[]): boolean {
    return request.op === "invoke" && request.cluster === GroupKeyManagement.id && among.includes(request.command);
}

export function isGroupsCommand(request: DeviceRequest, ...among: readonly number[]): boolean {
    return request.op === "invoke" && request.cluster === Groups.id && among.includes(request.command);
}

export function isStatus(answer: DeviceAnswer, status: StatusCode): boolean {
    return answer.kind === "status" && answer.status === status;
}

/** The real node refused what the model did: the answer, and nothing else but what the command would have changed. */
export function isRefusedOnlyByReal({ aspect, real, model }: DifferenceInContext, status: StatusCode, changed: readonly string[]): boolean {
    return isStatus(real, status) && isStatus(model, Status.SUCCESS) && (aspect === ANSWER || changed.includes(aspect));
}

export function fieldOf(answer: DeviceAnswer, name: string): unknown {
    return answer.kind === "response" ? answer.fields[name] : undefined;
}

export function keySetField(request: DeviceRequest, name: string): unknown {
    return request.op === "invoke" ? (request.fields["groupKeySet"] as DeviceFields)[name] : undefined;
}

export function keySetId(request: DeviceRequest): unknown {
    return keySetField(request, "groupKeySetId");
}

/** Of the IPK and of what was written as set 0. */
export function setsWithIdZero({ keySets }: FabricSnapshot): number {
    return keySets.filter(({ id }) => id === 0).length;
}

export function withoutSecondZero(ids: unknown): unknown {
    if (!Array.isArray(ids)) {
        return undefined;
    }
    const second = ids.indexOf(0, ids.indexOf(0) + 1);
    return second < 0 ? undefined : ids.toSpliced(second, 1);
}

export function sameNumbers(one: unknown, other: unknown): boolean {
    return Array.isArray(one) && Array.isArray(other) && one.length === other.length && one.every((value, i) => value === other[i]);
}

/** What a set has beyond another, both as `value-text.ts` writes them; undefined unless it has all of the other. */
export function surplus(shown: string, expected: string): readonly string[] | undefined {
    const [all, some] = [shown, expected].map(text => new Set(/^\{(.*)\}$/.exec(text)?.[1]?.split(", ")));
    return all === undefined || some === undefined || ![...some].every(each => all.has(each)) ? undefined : [...all].filter(each => !some.has(each));
}

/** The group that a command to Scenes Management names. */
export function sceneGroup(request: DeviceRequest): number | undefined {
    return request.op === "invoke" && request.cluster === ScenesManagement.id ? (request.fields["groupId"] as number) : undefined;
}

/** The answer to a command that touches scenes, what FabricSceneInfo says, whether the light is on, and their data versions. */
export function isOfScenes(aspect: string, endpoint: number): boolean {
    return [
        ANSWER,
        attributeAspect(endpoint, ScenesManagement.id, ScenesManagement.attributes.fabricSceneInfo),
        versionAspect(endpoint, ScenesManagement.id),
        attributeAspect(endpoint, OnOff.id, OnOff.attributes.onOff),
        versionAspect(endpoint, OnOff.id),
    ].includes(aspect);
}

/** This status, as the answer or inside it. */
export function refuses(answer: DeviceAnswer, status: StatusCode): boolean {
    return isStatus(answer, status) || fieldOf(answer, "status") === status;
}

/** Attributes and commands of the feature Lighting, as text. */
export function isOfLighting(id: string): boolean {
    return (Number(id) >= 0x4000 && Number(id) <= 0x4003) || (Number(id) >= 0x40 && Number(id) <= 0x42);
}

/** The breadcrumb may be 0 after it: it was written, or the fail-safe began, ended or was completed. */
export function mayZeroBreadcrumb(request: DeviceRequest): boolean {
    if (request.op === "invoke") {
        const { breadcrumb, expiryLengthSeconds } = request.fields;
        const isComplete = request.command === GeneralCommissioning.commands.commissioningComplete;
        return request.cluster === GeneralCommissioning.id && (isComplete || breadcrumb === 0n || expiryLengthSeconds === 0);
    }
    return request.op === "write" && request.value === 0n;
}
