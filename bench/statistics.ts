/** What is made of measurements. */

/** The value in the middle; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    const upper = sorted[middle];
    if (upper === undefined) throw new Error("there is nothing to take the median of");
    return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The exponent by which a cost grows: 1 is linear. The slope of the line that fits the logarithms best. */
export function growthExponent(points: readonly { size: number; cost: number }[]): number {
    if (points.length < 2) throw new Error("growth takes two sizes at least");
    const logs = points.map(({ size, cost }) => [Math.log(size), Math.log(cost)] as const);
    const mean = (index: 0 | 1): number => logs.reduce((sum, pair) => sum + pair[index], 0) / logs.length;
    const [x, y] = [mean(0), mean(1)];
    const covariance = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
    const variance = logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
    return covariance / variance;
}
