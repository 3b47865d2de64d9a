import type { DeviceFields, DeviceRequest, DeviceValue } from "../../src/core/device.js";
import { KeyMaterial } from "../../src/core/key-material.js";

/** Stands in sequences for the controller's node id, which is known only once the real node is commissioned. */
export const ADMINISTRATOR = 0xad_0000_0000_00adn;

/** The request with the controller's node id in the place of {@link ADMINISTRATOR}. */
export function withAdministrator(request: DeviceRequest, administrator: bigint): DeviceRequest {
    switch (request.op) {
        case "read":
            return request;
        case "write":
            return { ...request, value: replaced(request.value, administrator) };
        case "invoke":
            return { ...request, fields: replaced(request.fields, administrator) as DeviceFields };
    }
}

function replaced(value: DeviceValue, administrator: bigint): DeviceValue {
    if (value === ADMINISTRATOR) {
        return administrator;
    }
    if (Array.isArray(value)) {
        return (value as readonly DeviceValue[]).map(element => replaced(element, administrator));
    }
    if (typeof value !== "object" || value === null || value instanceof Uint8Array || value instanceof KeyMaterial) {
        return value;
    }
    return Object.fromEntries(Object.entries(value as DeviceFields).map(([name, field]) => [name, replaced(field, administrator)]));
}
