import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { administrators, alice, awkward, deployer, readers } from "../../local/directory/contoso";
import { runCommand } from "../support/command";
import { EmulatedServer } from "../support/emulated-server";

let server: EmulatedServer;
let directory: string;

beforeAll(async () => {
    server = await EmulatedServer.start();
    directory = await mkdtemp(join(tmpdir(), "ep-"));
    await writeFile(join(directory, "root.pem"), server.gateway.certificates.root);
    for (const group of [readers, awkward]) {
        await server.query("SELECT pgaadauth_create_principal($1, false, false)", [group.displayName]);
    }
});

afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<{ code: number | null; output: string }> {
    const connection = [
        ...["--server", "orders", "--as", administrators.displayName, "--credential", "ManagedIdentity"],
        ...["--host-address", "127.0.0.1", "--port", String(server.gateway.port)],
        ...["--root-certificate", join(directory, "root.pem")],
    ];
    const { exitCode, output, errors } = await runCommand([...args, ...connection], {
        environment: server.issuer.environment(deployer.objectId),
    });
    return { code: exitCode, output: output + errors };
}

describe("entra-postgres import", () => {
    it("prints a file for pulumi import and the program, for every principal but the administrators", async () => {
        const { code, output } = await run("import", "--json");
        expect(code, output).toBe(0);
        expect(JSON.parse(output)).toEqual({
            resources: [awkward, readers].map(({ displayName }) => ({
                type: "entra-postgres:index:EntraPrincipal",
                name: displayName,
                id: `orders/${displayName}`,
            })),
        });
        const whole = await run("import");
        expect(whole.output).toContain(`new EntraPrincipal(${JSON.stringify(awkward.displayName)}, {`);
        expect(whole.output).toContain(`Group ${administrators.displayName}`);
    });
});

describe("entra-postgres sync", () => {
    it("says that sync is off, and what it changed when it is on", async () => {
        const off = await run("sync");
        expect(off.code).toBe(1);
        expect(off.output).toContain("Group sync is off on this server");

        await server.instance.setParameter("pgaadauth.enable_group_sync", "on");
        expect((await run("sync")).output).toContain("nothing changed");
        server.instance.directory.removeMember(readers.objectId, alice.objectId);
        expect((await run("sync")).output).toContain(`removed  ${readers.displayName} ← ${alice.userPrincipalName}`);
        server.instance.directory.addMember(readers.objectId, alice.objectId);
        expect((await run("sync")).output).toContain(`added    ${readers.displayName} ← ${alice.userPrincipalName}`);
    });
});
