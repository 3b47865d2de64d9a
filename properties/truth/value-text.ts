import type { DeviceAnswer, DeviceRequest, DeviceValue } from "../../src/core/device.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import { Descriptor } from "../../src/core/clusters.js";
import { statusName } from "../../src/core/status.js";
import { keyFingerprint } from "../../scenarios/device-truth.js";
import type { TruthCommand } from "./truth-cluster.js";

/** A value as text that is equal for equal values: fields in the order of their names, fingerprints for keys. */
export function valueText(value: DeviceValue | undefined): string {
    if (value instanceof KeyMaterial || value instanceof Uint8Array) {
        const length = value instanceof Uint8Array ? value.length : KeyMaterial.LENGTH;
        return `<${length} bytes ${keyFingerprint(value)}>`;
    }
    switch (typeof value) {
        case "bigint":
            return `${value}n`;
        case "object":
            break;
        default:
            return value === undefined ? "absent" : JSON.stringify(value);
    }
    if (value === null) {
        return "null";
    }
    if (Array.isArray(value)) {
        return `[${(value as readonly DeviceValue[]).map(valueText).join(", ")}]`;
    }
    const fields = Object.entries(value)
        .filter(([, field]) => (field as DeviceValue | undefined) !== undefined)
        .sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${fields.map(([name, field]) => `${name}: ${valueText(field)}`).join(", ")}}`;
}

/** The first of the global lists of commands and attributes (core section 7.13). */
const GLOBAL_LISTS = 0xfff8;

/** A read's value as text; lists whose order means nothing are put in order. */
export function attributeText(cluster: number, attribute: number, value: DeviceValue): string {
    const isSet = cluster === Descriptor.id || attribute >= GLOBAL_LISTS;
    return isSet && Array.isArray(value) ? `{${value.map(valueText).sort().join(", ")}}` : valueText(value);
}

/** An answer as text, without the data version: that is compared as "changed" or "unchanged". */
export function answerText(request: DeviceRequest, answer: DeviceAnswer): string {
    switch (answer.kind) {
        case "status":
            return statusName(answer.status);
        case "value":
            return attributeText(request.cluster, request.op === "read" ? request.attribute : 0, answer.value);
        case "response":
            return `response ${valueText(answer.fields)}`;
        case "notSent":
        case "unknown":
            return `${answer.kind} (${answer.reason})`;
    }
}

/** A command in one line. */
export function commandText({ afterMs, certificate, ...command }: TruthCommand): string {
    const later = afterMs === undefined ? "" : ` (after ${afterMs} ms)`;
    const sent = certificate === undefined ? "" : ` with a certificate: ${certificate.kind}, tags [${certificate.cats.map(hex).join(", ")}]`;
    return `${requestText(command)}${sent}${later}`;
}

function requestText({ cluster, request, condition }: TruthCommand): string {
    const path = `${hex(request.endpoint)}/${hex(request.cluster)}`;
    switch (request.op) {
        case "read":
            return `${cluster}: read ${path}/${hex(request.attribute)}`;
        case "write": {
            const on = condition === undefined ? "" : ` on the ${condition} data version`;
            return `${cluster}: write ${path}/${hex(request.attribute)}${on} ${valueText(request.value)}`;
        }
        case "invoke":
            return `${cluster}: invoke ${path}/${hex(request.command)} ${valueText(request.fields)}`;
    }
}

function hex(number: number): string {
    return number < 10 ? String(number) : `0x${number.toString(16)}`;
}
