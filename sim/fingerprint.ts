/** FNV-1a, 32 bit: nothing secret is in a simulation. */
export function fingerprint(bytes: Uint8Array): string {
    let hash = 0x811c9dc5;
    for (let i = 0; i < bytes.length; i++) {
        hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    }
    return (hash >>> 0).toString(16).padStart(8, "0");
}
