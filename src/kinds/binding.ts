import { Binding } from "../core/clusters.js";
import type { AttributePath, DeviceFields } from "../core/device.js";
import { ok, type Result } from "../core/error.js";
import type { EndpointNumber } from "../core/ids.js";
import type { Kind } from "../core/kind.js";
import { Limits } from "../core/limits.js";
import { bindingTable } from "./capacity-tables.js";
import { applyEntry, removeEntry, verifyEntry, type EntryList } from "./claimed-entries.js";
import { rowOf } from "./entry-rows.js";
import { GROUP_KEY_MAP } from "./group-key-map.js";
import { integerField, invalidIntent, isRecord, textField } from "./validation.js";

/** TargetStruct of the Binding cluster (section 9.6.5.1): an endpoint of a node, or a group; `cluster` null: whatever clients the endpoint has. */
export interface BindingTarget {
    readonly node: bigint | null;
    readonly group: number | null;
    readonly endpoint: number | null;
    readonly cluster: number | null;
}

/** The endpoint is to send what it has to say to this target. `label` says for whom: items that differ only in it share one entry. */
export interface BindingIntent {
    readonly endpoint: EndpointNumber;
    readonly target: BindingTarget;
    readonly label: string;
}

/** Name of the kind {@link binding}. */
export const BINDING = "binding";

/** An entry of an endpoint's binding list (section 9.6.6.1). */
export const binding: Kind<BindingIntent> = {
    name: BINDING,
    applyOrder: 45,
    removeOrder: 10,
    capacity: { table: bindingTable, rowOf: intent => rowOf(`${intent.endpoint} ${targetText(intent.target)}`), isJudgedByOperation: true },
    sharesWrites: true,

    validate: validateIntent,
    keyOf: ({ endpoint, target: { node, group, endpoint: remote, cluster }, label }) => [
        endpoint,
        node === null ? "" : `0x${node.toString(16)}`,
        group ?? -1,
        remote ?? -1,
        cluster ?? -1,
        label,
    ],
    equal: (a, b) => a.endpoint === b.endpoint && a.label === b.label && sameTarget(a.target, b.target),
    // A message to a group needs the group's key.
    dependsOn: ({ target: { group } }) => (group === null ? [] : [{ kind: GROUP_KEY_MAP, key: [group] }]),
    watch: ({ endpoint }) => [pathOf(endpoint)],

    apply: ({ intent, key, limit }) => applyEntry(entryListOf(intent.endpoint), key, limit),
    verify: ({ intent }) => verifyEntry(entryListOf(intent.endpoint), intent),
    remove: ({ intent, key, limit }) => removeEntry(entryListOf(intent.endpoint), key, limit),
};

/** Each endpoint has a list of its own; items of other endpoints have nothing in it. */
function entryListOf(endpoint: EndpointNumber): EntryList<Placed, null> {
    return {
        path: pathOf(endpoint),
        name: `the binding list of endpoint ${endpoint}`,
        contentOf: intent => {
            const { endpoint: place, target } = intent as BindingIntent;
            return { place, target };
        },
        parse: fields => ({ place: endpoint, target: parseTarget(fields) }),
        format: ({ target }) => targetFields(target),
        same: samePlaced,
        textOf: ({ place, target }) => `${place} ${targetText(target)}`,
        isPiece: samePlaced,
        isCovered: (content, by) => by.some(other => samePlaced(other, content)),
        *consult() {
            return null;
        },
        arrange: entries => entries,
    };
}

/** A target, and the endpoint in whose list it stands. */
interface Placed {
    readonly place: number;
    readonly target: BindingTarget;
}

function samePlaced(one: Placed, other: Placed): boolean {
    return one.place === other.place && sameTarget(one.target, other.target);
}

function sameTarget(one: BindingTarget, other: BindingTarget): boolean {
    return one.node === other.node && one.group === other.group && one.endpoint === other.endpoint && one.cluster === other.cluster;
}

function targetText({ node, group, endpoint, cluster }: BindingTarget): string {
    return `${node ?? "-"} ${group ?? "-"} ${endpoint ?? "-"} ${cluster ?? "-"}`;
}

function pathOf(endpoint: EndpointNumber): AttributePath {
    return { endpoint, cluster: Binding.id, attribute: Binding.attributes.binding };
}

function parseTarget({ node = null, group = null, endpoint = null, cluster = null }: DeviceFields): BindingTarget {
    return { node, group, endpoint, cluster } as BindingTarget;
}

/** Fields that say nothing are absent: the struct's fields are optional, not nullable. */
function targetFields(target: BindingTarget): DeviceFields {
    return Object.fromEntries(Object.entries(target).filter((field): field is [string, number | bigint] => field[1] !== null));
}

function validateIntent(intent: unknown): Result<BindingIntent> {
    const target = isRecord(intent) ? intent["target"] : undefined;
    if (!isRecord(intent) || !isRecord(target)) {
        return invalidIntent(BINDING, "the intent must be an object { endpoint, target: { node?, group?, endpoint?, cluster? }, label? }")!;
    }
    const { node = null, group = null, endpoint = null, cluster = null } = target;
    const label = intent["label"] ?? "";
    const isUnicast = node !== null && endpoint !== null && group === null;
    const isGroup = group !== null && node === null && endpoint === null;
    const invalid = invalidIntent(
        BINDING,
        textField({ label }, "label", Limits.textLength),
        integerField(intent, "endpoint", 0, 0xfffe),
        isUnicast || isGroup ? null : '"target" must name a node and its endpoint, or a group alone',
        node === null || (typeof node === "bigint" && node >= 1n && node <= 0xffff_ffef_ffff_ffffn) ? null : '"target.node" must be an operational node id (a bigint)',
        group === null ? null : integerField(target, "group", 1, 0xffff),
        endpoint === null ? null : integerField(target, "endpoint", 0, 0xfffe),
        cluster === null ? null : integerField(target, "cluster", 0, 0xffff_ffff),
    );
    return (
        invalid ??
        ok({
            endpoint: intent["endpoint"] as EndpointNumber,
            target: { node, group, endpoint, cluster } as BindingTarget,
            label: label as string,
        })
    );
}
