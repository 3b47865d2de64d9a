/** Interaction Model status codes (Matter core specification, section 8.10.1). */
export const Status = {
    SUCCESS: 0x00,
    FAILURE: 0x01,
    UNSUPPORTED_ACCESS: 0x7e,
    UNSUPPORTED_ENDPOINT: 0x7f,
    INVALID_ACTION: 0x80,
    UNSUPPORTED_COMMAND: 0x81,
    INVALID_COMMAND: 0x85,
    UNSUPPORTED_ATTRIBUTE: 0x86,
    CONSTRAINT_ERROR: 0x87,
    UNSUPPORTED_WRITE: 0x88,
    RESOURCE_EXHAUSTED: 0x89,
    NOT_FOUND: 0x8b,
    UNREPORTABLE_ATTRIBUTE: 0x8c,
    INVALID_DATA_TYPE: 0x8d,
    UNSUPPORTED_READ: 0x8f,
    DATA_VERSION_MISMATCH: 0x92,
    TIMEOUT: 0x94,
    UNSUPPORTED_NODE: 0x9b,
    BUSY: 0x9c,
    ACCESS_RESTRICTED: 0x9d,
    UNSUPPORTED_CLUSTER: 0xc3,
    NO_UPSTREAM_SUBSCRIPTION: 0xc5,
    NEEDS_TIMED_INTERACTION: 0xc6,
    UNSUPPORTED_EVENT: 0xc7,
    PATHS_EXHAUSTED: 0xc8,
    TIMED_REQUEST_MISMATCH: 0xc9,
    FAILSAFE_REQUIRED: 0xca,
    INVALID_IN_STATE: 0xcb,
    NO_COMMAND_RESPONSE: 0xcc,
} as const;

/** Any Interaction Model status, 0 to 255; codes without a name above are worth repeating. */
export type StatusCode = number;

const names = new Map<number, string>(Object.entries(Status).map(([name, code]) => [code, name]));

/** The specification's name of a status, or `0xNN`. */
export function statusName(code: StatusCode): string {
    return names.get(code) ?? `0x${code.toString(16).padStart(2, "0")}`;
}
