/**
 * How benchmarks measure: short rounds in turns, so that what else the machine does meets all of them. The best round counts, since others can only
 * disturb; of ratios, which can be disturbed either way, the median.
 */

/** Real milliseconds that a function takes. */
export function timed(run: () => void): number {
    const startMs = performance.now();
    run();
    return performance.now() - startMs;
}

/** The same for one that waits. */
export async function timedAsync(run: () => Promise<void>): Promise<number> {
    const startMs = performance.now();
    await run();
    return performance.now() - startMs;
}

/** The upper one of two in the middle. */
export function median(values: readonly number[]): number {
    return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** The power of n by which cost grows, by least squares in logarithms: 0 is flat, 1 linear in all. */
export function growthExponent(points: readonly { readonly n: number; readonly cost: number }[]): number {
    const xs = points.map(({ n }) => Math.log(n));
    const ys = points.map(({ cost }) => Math.log(cost));
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const [mx, my] = [mean(xs), mean(ys)];
    const slope = (of: readonly number[], m: number) => xs.reduce((sum, x, i) => sum + (x - mx) * (of[i]! - m), 0);
    return slope(ys, my) / slope(xs, mx);
}

/** To so many significant digits, so that a report does not pretend. */
export function rounded(value: number, digits = 3): number {
    return Number(value.toPrecision(digits));
}
