/** A whole deployment, seen by somebody else who has an account on the same machine. */
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alice, readers } from "../../local/directory/contoso";
import { Deployment, entraPostgres, may } from "../support/deployment";
import { type Listener, descendants, listenersOf } from "./listening";

let deployment: Deployment;

beforeAll(async () => {
    deployment = await Deployment.start();
}, 60_000);

afterAll(async () => {
    await deployment.stop();
});

/** What others can get at below a folder. The folder itself lets them pass through, so that the database's own user can. */
async function openToOthers(folder: string): Promise<string[]> {
    const open: string[] = [];
    for (const entry of await readdir(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        const { mode } = await stat(path);
        if (entry.isFile() ? (mode & 0o004) !== 0 : (mode & 0o007) !== 0) open.push(entry.name);
    }
    return open;
}

describe.skipIf(process.platform !== "linux")("a deployment under way", () => {
    it("has no secret in any process's arguments, listens on loopback alone, and shuts others out of its files", async () => {
        const password = "S3cret-given-by-hand";
        const seen = new Set<string>();
        const listeners = new Map<number, Listener>();
        let looks = 0;
        const look = async (): Promise<void> => {
            const processes = await descendants(process.pid);
            for (const pid of processes.slice(1)) {
                seen.add(await readFile(`/proc/${String(pid)}/cmdline`, "utf8").catch(() => ""));
            }
            for (const each of await listenersOf(processes)) listeners.set(each.port, each);
            looks += 1;
        };
        const looking: Promise<void>[] = [];
        deployment.onStep = () => looking.push(look());
        await deployment.up(
            entraPostgres({
                authentication: {
                    mode: "EntraAndPassword",
                    administratorLogin: "keeper",
                    administratorPassword: password,
                },
                access: [may(readers.displayName, "Reader")],
            }),
        );
        await Promise.all(looking);
        expect(looks).toBeGreaterThan(5);

        const commands = [...seen].join("\n");
        for (const program of ["pulumi", "entra-postgres", "postgres"]) expect(commands).toContain(program);
        const { IDENTITY_HEADER: header = "" } = deployment.emulation.environment();
        const { PULUMI_CONFIG_PASSPHRASE: passphrase = "" } = deployment.automation.workspace.envVars;
        const [token = ""] = (await deployment.emulation.issuer.issue(alice)).split(".");
        for (const secret of [password, header, passphrase, token]) {
            expect(secret.length).toBeGreaterThan(8);
            expect(commands).not.toContain(secret);
        }

        // The engine, its monitor of the program, the providers, the gateway, the tokens, the database.
        expect(listeners.size).toBeGreaterThan(8);
        for (const { address, port } of listeners.values()) {
            expect(address, String(port)).toMatch(/^(127\.\d+\.\d+\.\d+|::1)$/);
        }

        const { runDirectory } = deployment.emulation;
        expect((await stat(runDirectory)).mode & 0o777).toBe(0o711);
        // A copy of PostgreSQL's own programs, where the one that npm installed can't be reached by the database's user.
        expect((await openToOthers(runDirectory)).filter((name) => !/^postgresql-\d+$/.test(name))).toEqual([]);
    }, 120_000);
});
