import type { DeviceFields, DeviceValue } from "../../src/core/device.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import { Status, type StatusCode } from "../../src/core/status.js";
import { TraceHash } from "../trace-hash.js";
import { isInteger } from "./cluster-server.js";
import type { Composition } from "./composition.js";
import { DISABLED_START_TIME, KeySetState, MulticastPolicy, SecurityPolicy } from "./key-set-state.js";

type Key = KeyMaterial | null;
type StartTime = bigint | null;

/**
 * What a KeySetWrite asks for, or the status that refuses it. Order of the checks: shape of the fields, constraints of single fields (core section
 * 7.19), then the conditions of section 11.2.7.1.
 */
export function parseKeySet(value: DeviceValue | undefined, composition: Composition): KeySetState | StatusCode {
    if (!isStruct(value)) {
        return composition.rules.malformedCommandStatus;
    }
    const id = value["groupKeySetId"];
    const policy = value["groupKeySecurityPolicy"];
    const multicast = value["groupKeyMulticastPolicy"];
    if (!isInteger(id, 0, 0xffff) || !isInteger(policy, 0, 0xff) || !(multicast === undefined || isInteger(multicast, 0, 0xff))) {
        return composition.rules.malformedCommandStatus;
    }
    const keys: [Key, Key, Key] = [null, null, null];
    const startTimes: [StartTime, StartTime, StartTime] = [null, null, null];
    for (let slot = 0; slot < 3; slot++) {
        const key = value[KEY_FIELDS[slot]!];
        const startTime = value[START_FIELDS[slot]!];
        if (!isKey(key) || !isStartTime(startTime)) {
            return composition.rules.malformedCommandStatus;
        }
        if (key instanceof Uint8Array && key.length !== KeyMaterial.LENGTH) {
            return Status.CONSTRAINT_ERROR;
        }
        keys[slot] = key instanceof Uint8Array ? materialOf(key) : key;
        startTimes[slot] = startTime;
    }
    const refusal = refusalOfPolicies(policy, multicast, composition) || refusalOfSlots(id, keys, startTimes, composition);
    if (refusal !== Status.SUCCESS) {
        return refusal;
    }
    if (composition.rules.maxStartTimeDisablesSlot) {
        disableSlots(keys, startTimes);
    }
    return new KeySetState(id, policy, multicast, keys, startTimes);
}

const KEY_FIELDS = ["epochKey0", "epochKey1", "epochKey2"] as const;
const START_FIELDS = ["epochStartTime0", "epochStartTime1", "epochStartTime2"] as const;

function refusalOfPolicies(policy: number, multicast: number | undefined, { rules }: Composition): StatusCode {
    if (policy === SecurityPolicy.CACHE_AND_SYNC) {
        return Status.INVALID_COMMAND;
    }
    if (policy !== SecurityPolicy.TRUST_FIRST) {
        return rules.unknownPolicyStatus;
    }
    if (multicast === MulticastPolicy.ALL_NODES) {
        return rules.allNodesPolicyRefused ? Status.INVALID_COMMAND : Status.SUCCESS;
    }
    return multicast === undefined || multicast === MulticastPolicy.PER_GROUP_ID ? Status.SUCCESS : rules.unknownPolicyStatus;
}

function refusalOfSlots(
    id: number,
    keys: readonly [Key, Key, Key],
    startTimes: readonly [StartTime, StartTime, StartTime],
    composition: Composition,
): StatusCode {
    if (keys[0] === null || startTimes[0] === null || startTimes[0] === 0n) {
        return Status.INVALID_COMMAND;
    }
    for (let slot = 1; slot < 3; slot++) {
        const startTime = startTimes[slot]!;
        if ((keys[slot] === null) !== (startTime === null)) {
            return Status.INVALID_COMMAND;
        }
        // A gap (slot 2 without slot 1) falls out of the comparison: there is nothing that it is later than.
        const before = startTimes[slot - 1]!;
        if (startTime !== null && (before === null || startTime <= before)) {
            return Status.INVALID_COMMAND;
        }
    }
    // Groupcast keeps the third slot for the IPK (section 11.2.5.4.7).
    return composition.groupcastAdopted && id !== 0 && keys[2] !== null ? Status.INVALID_COMMAND : Status.SUCCESS;
}

function disableSlots(keys: [Key, Key, Key], startTimes: [StartTime, StartTime, StartTime]): void {
    for (let slot = 0; slot < 3; slot++) {
        if (startTimes[slot] === DISABLED_START_TIME) {
            keys[slot] = null;
            startTimes[slot] = null;
        }
    }
}

function isStruct(value: DeviceValue | undefined): value is DeviceFields {
    return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array) && !(value instanceof KeyMaterial);
}

function isKey(value: DeviceValue | undefined): value is KeyMaterial | Uint8Array | null {
    return value === null || value instanceof KeyMaterial || value instanceof Uint8Array;
}

function isStartTime(value: DeviceValue | undefined): value is bigint | null {
    return value === null || (typeof value === "bigint" && value >= 0n && value <= DISABLED_START_TIME);
}

/** Other writers than the manager may send plain bytes; inside the node they are a secret like any other. */
function materialOf(bytes: Uint8Array): KeyMaterial {
    const hash = new TraceHash();
    hash.bytes(bytes);
    return new KeyMaterial(bytes, hash.hex());
}
