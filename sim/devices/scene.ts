import type { DeviceFields, DeviceValue } from "../../src/core/device.js";
import { isStruct } from "./access-control-entry.js";
import { isInteger } from "./cluster-server.js";
import { OnOff } from "./composition.js";

/** An entry of an endpoint's scene table (cluster section 1.4.7.5), immutable. */
export interface Scene {
    /** 0 for a scene of no group. */
    readonly groupId: number;
    readonly sceneId: number;
    readonly sceneName: string;
    /** Milliseconds. */
    readonly transitionTime: number;
    /** What the scene says of OnOff, the only cluster here that takes part in scenes; null for nothing. */
    readonly onOff: boolean | null;
}

/** The order of a table says nothing, but this compares it: tables are replaced where they change. */
export function sameScenes(one: readonly Scene[], other: readonly Scene[]): boolean {
    return one.length === other.length && one.every((scene, at) => sameScene(scene, other[at]!));
}

function sameScene(one: Scene, other: Scene): boolean {
    return (
        one.groupId === other.groupId &&
        one.sceneId === other.sceneId &&
        one.sceneName === other.sceneName &&
        one.transitionTime === other.transitionTime &&
        one.onOff === other.onOff
    );
}

/** ExtensionFieldSetStructs (section 1.4.7.4) as a response tells them. */
export function extensionFieldsOf({ onOff }: Scene): readonly DeviceFields[] {
    const attributeId = OnOff.attributes.onOff;
    return onOff === null ? [] : [{ clusterId: OnOff.id, attributeValueList: [{ attributeId, valueUnsigned8: onOff ? 1 : 0 }] }];
}

/**
 * What the sets say of OnOff. "invalid" for attributes that no scene can hold; "malformed" for what are no such sets. Sets of clusters that are not here are
 * passed over, and of several for one cluster the last counts (section 1.4.9.2).
 */
export function parseExtensionFields(value: DeviceValue | undefined): boolean | null | "invalid" | "malformed" {
    if (!Array.isArray(value)) {
        return "malformed";
    }
    let onOff: boolean | null = null;
    for (const set of value as readonly DeviceValue[]) {
        const pairs = isStruct(set) ? set["attributeValueList"] : undefined;
        if (!isStruct(set) || !isInteger(set["clusterId"], 0, 0xffff_ffff) || !Array.isArray(pairs)) {
            return "malformed";
        }
        if (set["clusterId"] !== OnOff.id) {
            continue;
        }
        onOff = null;
        for (const pair of pairs as readonly DeviceValue[]) {
            if (!isStruct(pair)) {
                return "malformed";
            }
            const number = pair["valueUnsigned8"];
            if (pair["attributeId"] !== OnOff.attributes.onOff || !isInteger(number, 0, 0xff) || Object.keys(pair).length !== 2) {
                return "invalid";
            }
            // Whatever is no boolean is false (section 1.4.7.3).
            onOff = number === 1;
        }
    }
    return onOff;
}
