import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alice, bob, readers } from "../../local/directory/contoso";
import { Emulation } from "../../local/emulation";
import { LocalStack, changed } from "../../local/engine/local-stack";
import { signIn } from "../../local/sign-in";
import { configurationOf } from "../../local/stack-files";
import program from "../../stacks/program";

let emulation: Emulation;
let stack: LocalStack;

beforeAll(async () => {
    emulation = await Emulation.start();
    const config = await configurationOf("local");
    stack = await LocalStack.create({ emulation, program: () => Promise.resolve(program()), config });
}, 300_000);

afterAll(async () => {
    await emulation.stop();
});

async function query(who: { objectId: string }, user: string, sql: string): Promise<unknown> {
    const [server] = emulation.resourceManager.list("dbforpostgresql:Server");
    const host = String(server?.computed["fullyQualifiedDomainName"]);
    const client = await signIn(emulation, host, who, user, "orders");
    try {
        return (await client.query(sql)).rows;
    } finally {
        await client.end();
    }
}

describe("the main job", () => {
    it("goes from nothing to a group that can read, and back", async () => {
        const preview = await stack.preview();
        expect(preview.changes.create).toBeGreaterThan(10);
        const up = await stack.up();
        expect(up.outputs["connect"]?.value).toMatchObject({ port: 5432 });

        expect(await query(alice, readers.displayName, "SELECT current_user AS name")).toEqual([
            { name: readers.displayName },
        ]);
        await expect(query(alice, readers.displayName, "CREATE TABLE mine (id int)")).rejects.toThrow(
            /permission denied/,
        );
        await expect(query(bob, readers.displayName, "SELECT 1")).rejects.toThrow(/does not contain group ID/);

        const again = await stack.preview();
        expect(changed(again.changes), again.text).toBe(0);
        const refreshed = await stack.refresh();
        expect(changed(refreshed.changes), refreshed.text).toBe(0);
        await stack.destroy();
        expect(emulation.resourceManager.list("resources:ResourceGroup")).toEqual([]);
    }, 120_000);
});
