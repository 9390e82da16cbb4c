import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { describe, expect, it, vi } from "vitest";
import { centralDnsZones } from "../../examples/central-dns-zones";
import { hubAndSpoke } from "../../examples/hub-and-spoke";
import { privateEndpoint } from "../../examples/private-endpoint";
import { subnetOfAnotherTeam } from "../../examples/subnet-of-another-team";
import { alice, readers } from "../../local/directory/contoso";
import { changed } from "../../local/engine/local-stack";
import { packageRoot } from "../../local/package-root";
import { readmeBlock } from "../support/readme";
import { Deployment, type Program } from "../support/deployment";

const examples: Record<string, Program> = { hubAndSpoke, subnetOfAnotherTeam, centralDnsZones, privateEndpoint };

describe("the examples", () => {
    it.each(Object.entries(examples))(
        "%s goes from nothing to a reader and back, quietly in between",
        async (_, program) => {
            const deployment = await Deployment.start();
            try {
                await deployment.preview(program);
                await deployment.up(program);
                expect(
                    await deployment.query(alice, readers.displayName, "orders", "SELECT current_user AS me"),
                ).toEqual([{ me: readers.displayName }]);
                const again = await deployment.preview(program);
                expect(changed(again.changes), again.text).toBe(0);
                await deployment.destroy();
                expect(deployment.emulation.resourceManager.list("resources:ResourceGroup")).toEqual([]);
            } finally {
                await deployment.stop();
            }
        },
        120_000,
    );
});

describe("the example of README", () => {
    it("is the one that is run here", async () => {
        const source = await readFile(join(packageRoot, "examples", "quick-start.ts"), "utf8");
        const block = await readmeBlock("ts");
        const [, program = ""] = /\*\/\n([\s\S]*)$/.exec(source) ?? [];
        const same = (text: string): Promise<string> => format(text, { parser: "typescript" });
        expect(await same(block.replace("pulumi-entra-postgres", "../index"))).toBe(await same(program));
    });

    it("lets a member of the group read, from the office that it names", async () => {
        const deployment = await Deployment.start({ clientAddress: "203.0.113.7" });
        try {
            await deployment.up(async () => {
                vi.resetModules();
                const { connect } = await import("../../examples/quick-start.js");
                return { connect };
            });
            expect(await deployment.query(alice, readers.displayName, "orders", "SELECT current_user AS me")).toEqual([
                { me: readers.displayName },
            ]);
        } finally {
            await deployment.stop();
        }
    }, 60_000);
});
