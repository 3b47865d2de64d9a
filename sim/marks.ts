/** Counts interesting situations, to show that a campaign reached them. */
export class Marks {
    readonly counts = new Map<string, number>();

    hit(name: string): void {
        this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    }

    /** By name, in alphabetical order. */
    toRecord(): Record<string, number> {
        return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
    }

    merge(other: Readonly<Record<string, number>>): void {
        for (const [name, count] of Object.entries(other)) {
            this.counts.set(name, (this.counts.get(name) ?? 0) + count);
        }
    }
}
