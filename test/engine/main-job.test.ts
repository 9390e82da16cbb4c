import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { alice, bob, readers } from "../../local/directory/contoso";
import { Emulation } from "../../local/emulation";
import { LocalStack, changed } from "../../local/engine/local-stack";
import { packageRoot } from "../../local/package-root";
import program from "../../stacks/program";

let emulation: Emulation;
let stack: LocalStack;

beforeAll(async () => {
    emulation = await Emulation.start();
    const { config } = parse(await readFile(join(packageRoot, "stacks", "Pulumi.local.yaml"), "utf8")) as {
        config: Record<string, unknown>;
    };
    stack = await LocalStack.create({ emulation, program: () => Promise.resolve(program()), config });
}, 300_000);

afterAll(async () => {
    await emulation.stop();
});

async function signIn(who: { objectId: string }, user: string, sql: string): Promise<unknown> {
    const [server] = emulation.resourceManager.list("dbforpostgresql:Server");
    const client = new pg.Client({
        host: "127.0.0.1",
        port: emulation.gateway.port,
        user,
        password: await emulation.issuer.issue({ objectId: who.objectId }),
        database: "orders",
        ssl: {
            ca: emulation.gateway.certificates.root,
            servername: String(server?.computed["fullyQualifiedDomainName"]),
        },
    });
    await client.connect();
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

        expect(await signIn(alice, readers.displayName, "SELECT current_user AS name")).toEqual([
            { name: readers.displayName },
        ]);
        await expect(signIn(alice, readers.displayName, "CREATE TABLE mine (id int)")).rejects.toThrow(
            /permission denied/,
        );
        await expect(signIn(bob, readers.displayName, "SELECT 1")).rejects.toThrow(/does not contain group ID/);

        const again = await stack.preview();
        expect(changed(again.changes), again.text).toBe(0);
        const refreshed = await stack.refresh();
        expect(changed(refreshed.changes), refreshed.text).toBe(0);
        await stack.destroy();
        expect(emulation.resourceManager.list("resources:ResourceGroup")).toEqual([]);
    }, 120_000);
});
