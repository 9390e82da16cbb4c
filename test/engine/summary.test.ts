import { afterEach, describe, expect, it } from "vitest";
import { readPreview } from "../../commands/summary/preview";
import { summarize } from "../../commands/summary/render";
import { isUpdating, matches, recorded, settled } from "../commands/summary/recording";
import { type Beginning, beginnings } from "../commands/summary/scenarios";
import { runCommand } from "../support/command";
import { Deployment } from "../support/deployment";
import { previewJson } from "../support/preview-json";

let deployment: Deployment;

afterEach(async () => {
    await deployment.stop();
});

/** What the command prints, in a pipe behind the engine. */
async function summaryOf(preview: string): Promise<string> {
    return (await runCommand(["summary"], { input: preview })).output;
}

/** Every scenario where recordings are made, else one of each beginning: enough to find that the engine speaks otherwise. */
function chosen({ scenarios }: Beginning): Beginning["scenarios"] {
    return isUpdating ? scenarios : scenarios.slice(-1);
}

describe("entra-postgres summary of what the real engine prints", () => {
    it.each(
        beginnings.map(
            (beginning) =>
                [
                    chosen(beginning)
                        .map(({ name }) => name)
                        .join(", "),
                    beginning,
                ] as const,
        ),
    )(
        "%s",
        async (_, beginning) => {
            deployment = await Deployment.start();
            if (beginning.deployed) await deployment.up(beginning.deployed);
            for (const { name, program, showSames } of chosen(beginning)) {
                const preview = await previewJson(deployment, program, ...(showSames === true ? ["--show-sames"] : []));
                const markdown = await summaryOf(preview);
                expect(markdown).not.toMatch(/to-be-seen|BEGIN CERTIFICATE/);
                if (isUpdating) await matches(`${name}.json`, settled(preview));
                await matches(`${name}.md`, markdown);
                expect(summarize(readPreview(await recorded(name))).markdown).toBe(markdown);
            }
        },
        120_000,
    );
});
