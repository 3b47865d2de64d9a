const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text for XML and HTML, in content and in attributes; control characters, which XML cannot carry, are left out. */
export function escaped(text: string): string {
    // eslint-disable-next-line no-control-regex -- these are what XML forbids
    return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "").replace(/[&<>"]/g, character => ENTITIES[character]!);
}
