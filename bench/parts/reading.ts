/** What commands do with large inputs. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { summarize } from "../../commands/summary/render";
import { readPreview } from "../../commands/summary/preview";
import { analysisFromAzure } from "../../components/network/analysis/egress-analysis";
import { packageRoot } from "../../local/package-root";
import { type Part, figureOf, paired, ratioOf, timed } from "../figure";

/** A summary of 2,000 resources, against reading the JSON alone and against 200. */
export const summary: Part = async ({ rounds }) => {
    const recorded = await readFile(join(packageRoot, "test", "commands", "summary", "access-gained.json"), "utf8");
    const { steps, ...rest } = JSON.parse(recorded) as { steps: { urn: string }[] };
    const gained = steps.filter(({ urn }) => urn.includes("bob@contoso.com"));
    const preview = (resources: number): string => {
        const copies = Array.from(
            { length: Math.ceil(resources / gained.length) },
            (_, index) =>
                JSON.parse(
                    JSON.stringify(gained).replaceAll("bob@contoso.com", `team-${String(index)}@contoso.com`),
                ) as object[],
        );
        return JSON.stringify({ ...rest, steps: copies.flat() });
    };
    const [large, small] = [preview(2000), preview(200)];
    const work = (text: string) => () => Promise.resolve(summarize(readPreview(text)));
    const pairs = await paired(
        rounds,
        () => timed(work(large)),
        () => timed(work(small)),
    );
    return [
        ratioOf({ part: "summary", what: "summary of 2,000 resources / of 200", target: { most: 20 } }, pairs),
        figureOf(
            { part: "summary", what: "summary of 2,000 resources", unit: "ms" },
            pairs.map(({ one }) => one),
        ),
    ];
};

/** The analysis of a network at 1,000 rules, against 100. */
export const network: Part = async ({ rounds }) => {
    const group = (rules: number) => ({
        securityRules: Array.from({ length: rules }, (_, index) => ({
            name: `rule-${String(index)}`,
            priority: 100 + index,
            direction: "Outbound",
            access: index % 2 === 0 ? "Deny" : "Allow",
            protocol: "Tcp",
            sourceAddressPrefix: "10.0.0.0/8",
            sourcePortRange: "*",
            destinationAddressPrefix: `172.${String(16 + (index % 16))}.${String(index % 256)}.0/24`,
            destinationPortRange: "5432",
        })),
    });
    const subnet = { addressPrefix: "10.0.4.0/28" };
    const work = (rules: number) => {
        const given = group(rules);
        return () => Promise.resolve(analysisFromAzure(given, undefined, subnet, { addressSpace: ["10.0.0.0/16"] }));
    };
    const [large, small] = [work(1000), work(100)];
    const pairs = await paired(
        rounds,
        () => timed(large),
        () => timed(small),
    );
    return [
        ratioOf({ part: "network", what: "analysis of 1,000 rules / of 100", target: { most: 20 } }, pairs),
        figureOf(
            { part: "network", what: "analysis of 1,000 rules", unit: "ms" },
            pairs.map(({ one }) => one),
        ),
    ];
};
