import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Figure, figureOf, isMet, paired } from "../../bench/figure";
import { picture, table, withFigures } from "../../bench/report";
import { packageRoot } from "../../local/package-root";
import { growthExponent, median } from "../../bench/statistics";

describe("statistics", () => {
    it("take the value in the middle", () => {
        expect(median([3, 1, 2])).toBe(2);
        expect(median([4, 1, 2, 3])).toBe(2.5);
        expect(() => median([])).toThrow();
    });

    it("find the exponent of any power", () => {
        fc.assert(
            fc.property(
                fc.double({ min: 0.2, max: 3, noNaN: true }),
                fc.double({ min: 0.1, max: 100, noNaN: true }),
                (exponent, factor) => {
                    const points = [10, 100, 1000].map((size) => ({ size, cost: factor * size ** exponent }));
                    expect(growthExponent(points)).toBeCloseTo(exponent, 6);
                },
            ),
        );
    });

    it("measure by turns, and don't count the first round", async () => {
        let turns = "";
        const note = (name: string) => () => {
            turns += name;
            return Promise.resolve(1);
        };
        expect(await paired(2, note("a"), note("b"))).toHaveLength(2);
        expect(turns).toBe("abbaab");
    });
});

describe("a report", () => {
    const figures = [
        figureOf({ part: "p", what: "a & b / c", unit: "×", target: { most: 1.1 } }, [1.2, 1, 1.3]),
        figureOf({ part: "p", what: "d / e", unit: "×", target: { least: 10 } }, [20]),
    ];

    it("says what misses its target", () => {
        expect(figures.map(isMet)).toEqual([false, true]);
        expect(table(figures)).toMatch(/✘ a & b \/ c\n {4}1\.20 × +1\.00–1\.30 +≤ 1\.1\n✔ d \/ e/);
    });

    it("draws a picture that is well-formed", () => {
        const svg = picture(figures);
        expect(svg).toContain("a &amp; b / c");
        expect(svg.match(/<rect /g)).toHaveLength(3);
    });

    it("is what the document shows", async () => {
        const { figures: saved } = JSON.parse(
            await readFile(join(packageRoot, "bench", "results", "figures.json"), "utf8"),
        ) as { figures: Figure[] };
        const document = await readFile(join(packageRoot, "docs", "benchmarks.md"), "utf8");
        expect(saved.length).toBeGreaterThan(20);
        expect(document).toBe(withFigures(document, saved));
    });
});
