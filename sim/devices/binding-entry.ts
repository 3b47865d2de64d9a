import type { DeviceValue } from "../../src/core/device.js";
import { Status, type StatusCode } from "../../src/core/status.js";
import { isStruct, isUnsigned64 } from "./access-control-entry.js";
import { isInteger } from "./cluster-server.js";
import type { EndpointComposition } from "./composition.js";
import type { DeviceRules } from "./device-rules.js";

/** TargetStruct (core section 9.6.5.1). Fields that are not there are absent, never null. */
export type BindingEntry = { readonly node?: bigint; readonly group?: number; readonly endpoint?: number; readonly cluster?: number };

/** The entries that a write of the list asks for, or the status that refuses it. */
export function parseBindings(value: DeviceValue, endpoint: EndpointComposition, rules: DeviceRules): readonly BindingEntry[] | StatusCode {
    if (!Array.isArray(value)) {
        return Status.INVALID_DATA_TYPE;
    }
    const entries: BindingEntry[] = [];
    for (const fields of value as readonly DeviceValue[]) {
        const entry = entryOf(fields);
        if (entry === undefined) {
            return Status.INVALID_DATA_TYPE;
        }
        if (!isValid(entry, endpoint, rules)) {
            return Status.CONSTRAINT_ERROR;
        }
        entries.push(entry);
    }
    return entries;
}

/** The order of a list is part of its value. */
export function sameBindings(one: readonly BindingEntry[], other: readonly BindingEntry[]): boolean {
    return (
        one.length === other.length &&
        one.every((entry, at) => {
            const { node, group, endpoint, cluster } = other[at]!;
            return entry.node === node && entry.group === group && entry.endpoint === endpoint && entry.cluster === cluster;
        })
    );
}

/** Either an endpoint of a node, or a group (section 9.6.5.1). */
function isValid({ node, group, endpoint, cluster }: BindingEntry, site: EndpointComposition, rules: DeviceRules): boolean {
    const isUnicast = node !== undefined && endpoint !== undefined && endpoint <= 0xfffe && group === undefined;
    const isGroup = group !== undefined && group >= 1 && node === undefined && endpoint === undefined;
    if (!isUnicast && !isGroup) {
        return false;
    }
    return cluster === undefined || !rules.bindingNeedsClientCluster || site.clients.includes(cluster);
}

/** Undefined for what is no such struct. */
function entryOf(value: DeviceValue): BindingEntry | undefined {
    if (!isStruct(value)) {
        return undefined;
    }
    const { node, group, endpoint, cluster } = value;
    if ((node !== undefined && !isUnsigned64(node)) || !isOptionalInteger(cluster, 0xffff_ffff)) {
        return undefined;
    }
    if (!isOptionalInteger(group, 0xffff) || !isOptionalInteger(endpoint, 0xffff)) {
        return undefined;
    }
    return {
        ...(node === undefined ? {} : { node }),
        ...(group === undefined ? {} : { group }),
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(cluster === undefined ? {} : { cluster }),
    };
}

function isOptionalInteger(value: DeviceValue | undefined, max: number): value is number | undefined {
    return value === undefined || isInteger(value, 0, max);
}
