import { describe, expect, it } from "vitest";
import { centralDnsZones } from "../../examples/central-dns-zones";
import { hubAndSpoke } from "../../examples/hub-and-spoke";
import { privateEndpoint } from "../../examples/private-endpoint";
import { subnetOfAnotherTeam } from "../../examples/subnet-of-another-team";
import { alice, readers } from "../../local/directory/contoso";
import { changed } from "../../local/engine/local-stack";
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
