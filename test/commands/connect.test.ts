import { execFile, spawnSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Shell, type SignInFacts, commandsFor, fishQuote, shells, uri } from "../../commands/connect/shells";
import { bashQuote, connectionFacts, keywords } from "../../components/access/connection";
import { administrators, alice, awkward, deployer, obrien, readers } from "../../local/directory/contoso";
import { runCommand } from "../support/command";
import { EmulatedServer } from "../support/emulated-server";

const execute = promisify(execFile);
const has = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;
const facts: SignInFacts = {
    host: "orders.postgres.database.azure.com",
    port: 5432,
    cloud: "Public",
    user: readers.displayName,
    database: "orders",
};

/** Names as Entra and PostgreSQL allow them, hostile ones too. */
const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((each) => !/[\0\r\n]/.test(each));

describe("commands for a shell", () => {
    it.each(shells)("in %s get a token for the cloud, never show it, and verify the server", (shell) => {
        const commands = commandsFor(shell, { ...facts, cloud: "China" }).join("\n");
        expect(commands).toContain("az cloud set --name AzureChinaCloud\naz login\n");
        expect(commands).toContain("--scope https://ossrdbms-aad.database.chinacloudapi.cn/.default");
        expect(commands).toContain("verify-full");
        expect(commandsFor(shell, facts).join("\n")).not.toContain("az cloud");
        expect(commandsFor(shell, facts).join("\n")).toContain("--resource-type oss-rdbms");
    });

    it.each([
        ["bash", bashQuote],
        ["zsh", bashQuote],
        ["fish", fishQuote],
    ] as const)("in %s hand over every name as it is, where that shell is installed", (shell, quote) => {
        const isInstalled = has(shell);
        fc.assert(
            fc.property(fc.array(name, { minLength: 20, maxLength: 20 }), (names) => {
                const line = `printf '%s\\n' ${names.map(quote).join(" ")}`;
                if (!isInstalled) {
                    expect(names.map(quote).every((each) => /^'.*'$/s.test(each))).toBe(true);
                    return;
                }
                const { stdout } = spawnSync(shell, ["-c", line], { encoding: "utf8" });
                expect(stdout.split("\n").slice(0, -1)).toEqual(names);
            }),
            { numRuns: 30 },
        );
    });

    it("have a URI that PostgreSQL's drivers read back", () => {
        fc.assert(
            // What Azure allows for a database's name.
            fc.property(name, fc.stringMatching(/^[A-Za-z_-][A-Za-z0-9_-]{0,62}$/), (user, database) => {
                const client = new pg.Client(uri({ ...facts, user, database }).replace(/\?.*/, ""));
                expect([client.user, client.database, client.host]).toEqual([user, database, facts.host]);
                expect(uri({ ...facts, user })).toMatch(/^[\w:/@%.~?=&-]+$/);
            }),
        );
    });

    it("are those that the component's output has", () => {
        const { signIns } = connectionFacts("orders", "Public", [
            { user: facts.user, principalType: "Group", database: "orders", access: "reads" },
        ]);
        expect(signIns[0]?.commands.bash).toContain(bashQuote(keywords(facts)));
    });
});

describe("entra-postgres connect", () => {
    let server: EmulatedServer;
    let certificate: string;

    beforeAll(async () => {
        server = await EmulatedServer.start();
        certificate = join(server.directory, "root.pem");
        await writeFile(certificate, server.gateway.certificates.root, { mode: 0o644 });
        await server.instance.query("postgres", `SELECT pgaadauth_create_principal($1, false, false)`, [
            readers.displayName,
        ]);
        await server.instance.query("postgres", `SELECT pgaadauth_create_principal($1, false, false)`, [
            awkward.displayName,
        ]);
    }, 60_000);

    afterAll(async () => {
        await server.stop();
    });

    const run = (args: string[], input = "", environment: Record<string, string> = {}) =>
        runCommand(["connect", ...args], { input, environment });

    const outputs = (...users: string[]): string =>
        JSON.stringify({
            connect: connectionFacts(
                "orders",
                "Public",
                users.map((user) => ({ user, principalType: "Group" as const, database: "orders", access: "reads" })),
            ),
        });

    it("asks as whom when that isn't clear, and says what it wants", async () => {
        expect((await run([], outputs("a", "b"))).errors).toMatch(/--as[\s\S]*a in orders \(reads\)[\s\S]*b in orders/);
        expect((await run([], "hello")).errors).toContain("pulumi stack output --json");
        expect((await run([], "null")).errors).toContain("no output connect");
        expect((await run(["--server", "orders"])).errors).toContain("--as");
    });

    it("prints the commands of a stack's only sign-in, and everything for programs", async () => {
        const { output } = await run(["--shell", "fish"], outputs(awkward.displayName));
        expect(output.trim()).toBe(commandsFor("fish", { ...facts, user: awkward.displayName }).join("\n"));
        const { output: json } = await run(["--json", "--server", "orders", "--as", "x", "--cloud", "USGovernment"]);
        expect(JSON.parse(json)).toMatchObject({
            host: "orders.postgres.database.usgovcloudapi.net",
            user: "x",
            database: "postgres",
            tokenScope: "https://ossrdbms-aad.database.usgovcloudapi.net/.default",
        });
    });

    const signIns: [Shell, { displayName: string }, { objectId: string }][] = [
        ["bash", readers, alice],
        ["bash", awkward, obrien],
        ["zsh", awkward, obrien],
        ["fish", awkward, obrien],
    ];
    it.skipIf(!has("psql")).each(signIns.filter(([shell]) => has(shell)))(
        "prints commands for %s that sign in as they are, as a member of %o",
        async (shell, group, who) => {
            const bin = join(server.directory, "bin");
            await mkdir(bin, { recursive: true });
            await writeFile(join(bin, "az"), `#!/bin/sh\ncase "$*" in *get-access-token*) echo "$TOKEN";; esac\n`);
            await chmod(join(bin, "az"), 0o755);
            const { output } = await run(["--shell", shell], outputs(group.displayName));
            // The emulation isn't in DNS, and its certificate not among the system's.
            const script = output
                .replace("sslrootcert=system", `sslrootcert=${certificate} hostaddr=127.0.0.1`)
                .replace("port=5432", `port=${String(server.gateway.port)}`);
            const { stdout } = await execute(shell, ["-c", `${script.trim()} -XAtc 'select current_user'`], {
                env: {
                    ...process.env,
                    PATH: `${bin}:${String(process.env["PATH"])}`,
                    TOKEN: await server.issuer.issue(who),
                },
            });
            expect(stdout.trim()).toBe(group.displayName);
        },
    );

    it.skipIf(!has("psql"))(
        "runs a query with a fresh token, and hands on psql's exit code",
        async () => {
            const target = [
                "--server",
                "orders",
                "--as",
                administrators.displayName,
                "--port",
                String(server.gateway.port),
            ];
            const way = [
                "--host-address",
                "127.0.0.1",
                "--root-certificate",
                certificate,
                "--credential",
                "ManagedIdentity",
            ];
            const identity = server.issuer.environment(deployer.objectId);
            const done = await run([...target, ...way, "--run", "select current_user"], "", identity);
            expect(done.output + done.errors).toContain(administrators.displayName);
            expect(done.exitCode).toBe(0);
            expect(done.output + done.errors).not.toContain("eyJ");
            expect((await run([...target, ...way, "--run", "select nothing"], "", identity)).exitCode).toBe(1);
            const refused = await run(
                [
                    "--server",
                    "orders",
                    "--as",
                    "nobody",
                    "--port",
                    String(server.gateway.port),
                    ...way,
                    "--run",
                    "select 1",
                ],
                "",
                identity,
            );
            expect(refused.exitCode).not.toBe(0);
            expect(refused.errors).toContain("password authentication failed");
        },
        60_000,
    );
});
