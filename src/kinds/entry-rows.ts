/**
 * Rows of tables whose entries have no number of their own: each content has one, 53 bits of a hash of its text. Two contents under one number would make a
 * table seem to have one row more than it has; the node is the judge.
 */
export function rowOf(text: string): number {
    return mixed(text, 0x811c_9dc5) * 0x20_0000 + (mixed(text, 0x9e37_79b9) >>> 11);
}

/** The rows of a whole list; what is repeated, or not known here (null), takes a row of its own. */
export function rowsOf(texts: readonly (string | null)[]): number[] {
    const rows = new Set<number>();
    for (const text of texts) {
        let row = text === null ? -1 : rowOf(text);
        while (rows.has(row)) {
            row += text === null ? -1 : 1;
        }
        rows.add(row);
    }
    return [...rows];
}

/** FNV-1a over UTF-16 code units (offset basis as given), with a last mixing. */
function mixed(text: string, basis: number): number {
    let hash = basis;
    for (let i = 0; i < text.length; i++) {
        hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
    }
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
    return (hash ^ (hash >>> 13)) >>> 0;
}
