/** The first name that is there twice. */
export function repeated(names: readonly string[]): string | undefined {
    const seen = new Set<string>();
    return names.find(name => seen.size === seen.add(name).size);
}
