import { execFile, spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { chmod, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { rootCertificates } from "node:tls";
import { promisify } from "node:util";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { azureRootCertificates } from "../../commands/connect/root-certificates";
import { findsSystemRoots } from "../../commands/connect/psql";
import { connectionFacts } from "../../components/access/connection";
import { keywords, loginCommands, uri, variables } from "../../components/access/connection-string";
import {
    type Shell,
    type SignInFacts,
    bashQuote,
    connectionForms,
    fishQuote,
    powershellQuote,
    psqlCommands,
    shells,
    variableCommands,
} from "../../components/access/shells";
import { administrators, alice, awkward, deployer, obrien, readers } from "../../local/directory/contoso";
import { runCommand } from "../support/command";
import { EmulatedServer } from "../support/emulated-server";

const execute = promisify(execFile);
const has = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;
/** The program of a shell. */
const programOf = (shell: Shell): string => (shell === "powershell" ? "pwsh" : shell);
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
        const commands = psqlCommands(shell, { ...facts, cloud: "China" }).join("\n");
        expect(commands).toContain("--scope https://ossrdbms-aad.database.chinacloudapi.cn/.default");
        expect(commands).toContain("verify-full");
        expect(psqlCommands(shell, facts).join("\n")).toContain("--resource-type oss-rdbms");
        expect(psqlCommands(shell, facts, { tokenForm: "scope" }).join("\n")).toContain(
            "--scope https://ossrdbms-aad.database.windows.net/.default",
        );
    });

    it("choose the cloud before they sign in to it", () => {
        expect(loginCommands("China")).toEqual(["az cloud set --name AzureChinaCloud", "az login"]);
        expect(loginCommands("Public")).toEqual(["az login"]);
    });

    it.each([
        ["bash", bashQuote],
        ["zsh", bashQuote],
        ["fish", fishQuote],
        ["powershell", powershellQuote],
    ] as const)("in %s hand over every name as it is, where that shell is installed", (shell, quote) => {
        const isInstalled = has(programOf(shell));
        fc.assert(
            fc.property(fc.array(name, { minLength: 20, maxLength: 20 }), (names) => {
                if (!isInstalled) {
                    expect(names.map(quote).every((each) => /^'.*'$/s.test(each))).toBe(true);
                    return;
                }
                // Through a variable, as the commands do it, and out again byte for byte.
                const set = names.flatMap((each, index) =>
                    variableCommands(shell, { [`NAME_${String(index)}`]: each }),
                );
                const print = `${process.execPath} -e 'for (let i = 0; i < 20; i++) console.log(process.env["NAME_" + i])'`;
                const line = shell === "powershell" ? print.replaceAll('"', '`"') : print;
                const { stdout } = spawnSync(programOf(shell), ["-c", [...set, line].join("\n")], { encoding: "utf8" });
                expect(stdout.split("\n").slice(0, -1)).toEqual(names);
            }),
            { numRuns: isInstalled ? 8 : 30 },
        );
    });

    it("in cmd take the meaning from what means something there", () => {
        expect(variableCommands("cmd", { A: "Prod & Readonly" })).toEqual(['set "A=Prod & Readonly"']);
        expect(variableCommands("cmd", { A: '50% "x" & y' })).toEqual(['set A=50^% ^"x^" ^& y']);
    });

    it("refuse a form that spoils a name in the shell, and say which doesn't", () => {
        const quoted = { ...facts, user: 'the "best"' };
        expect(() => psqlCommands("cmd", quoted, { connectionForm: "keywords" })).toThrow(
            "--connection-form variables",
        );
        expect(() => psqlCommands("cmd", facts, { connectionForm: "uri" })).toThrow("--connection-form variables");
        expect(() => psqlCommands("powershell", quoted, { connectionForm: "keywords" })).toThrow(
            "--connection-form uri",
        );
        for (const shell of shells) expect(psqlCommands(shell, quoted)).not.toEqual([]);
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

    it("name a file of root certificates in every form", () => {
        const file = "/my roots/azure.pem";
        expect(keywords(facts, file)).toContain(`sslrootcert='${file}'`);
        expect(uri(facts, file)).toContain("sslrootcert=%2Fmy%20roots%2Fazure.pem");
        expect(variables(facts, file)["PGSSLROOTCERT"]).toBe(file);
    });

    it("are those that the component's output has, for every shell", () => {
        const { signIns, azureSignIn } = connectionFacts("orders", "Public", [
            { user: facts.user, principalType: "Group", database: "orders", access: "reads" },
        ]);
        expect(azureSignIn).toEqual(loginCommands("Public"));
        expect(Object.keys(signIns[0]?.commands ?? {})).toEqual([...shells]);
        for (const shell of shells) expect(signIns[0]?.commands[shell]).toBe(psqlCommands(shell, facts).join("\n"));
        expect(signIns[0]).toMatchObject({ uri: uri(facts), keywords: keywords(facts) });
    });
});

describe("root certificates", () => {
    it("are valid roots that Node trusts", () => {
        const found = azureRootCertificates().match(/-----BEGIN[\s\S]*?END CERTIFICATE-----/g) ?? [];
        const subjects = found
            .map((pem) => new X509Certificate(pem))
            .map((each) => {
                expect(each.issuer).toBe(each.subject);
                expect(new Date(each.validTo).getTime()).toBeGreaterThan(Date.now());
                return each.subject;
            });
        expect(subjects.join()).toMatch(/DigiCert Global Root G2.*Microsoft RSA Root Certificate Authority 2017/s);
    });

    it("say what to do when this Node doesn't have them", () => {
        const others = rootCertificates.filter((pem) => !new X509Certificate(pem).subject.includes("Microsoft RSA"));
        expect(() => azureRootCertificates(others)).toThrow(/Microsoft RSA Root.*--root-certificate/);
    });

    it("come from a file for psql before 16, and on Windows", () => {
        expect(findsSystemRoots("15.18", "linux")).toBe(false);
        expect(findsSystemRoots("16.0", "darwin")).toBe(true);
        expect(findsSystemRoots("18.1", "win32")).toBe(false);
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
        expect(output.trim()).toBe(
            ["az login", ...psqlCommands("fish", { ...facts, user: awkward.displayName })].join("\n"),
        );
        const { output: json } = await run(["--json", "--server", "orders", "--as", "x", "--cloud", "USGovernment"]);
        expect(JSON.parse(json)).toMatchObject({
            host: "orders.postgres.database.usgovcloudapi.net",
            user: "x",
            database: "postgres",
            tokenScope: "https://ossrdbms-aad.database.usgovcloudapi.net/.default",
        });
    });

    const combinations = shells
        .filter((shell) => has(programOf(shell)))
        .flatMap((shell) => connectionForms.map((form) => ({ shell, form })))
        .flatMap((each) => [
            { ...each, group: readers.displayName, who: alice },
            // A URI holds any name in PowerShell; keywords don't.
            ...(each.shell === "powershell" && each.form === "keywords"
                ? []
                : [{ ...each, group: awkward.displayName, who: obrien }]),
        ]);
    it.skipIf(!has("psql")).each(combinations)(
        "prints commands for $shell with $form that sign in as they are, as a member of $group",
        async ({ shell, form, group, who }) => {
            const bin = join(server.directory, "bin");
            await mkdir(bin, { recursive: true });
            await writeFile(join(bin, "az"), `#!/bin/sh\ncase "$*" in *get-access-token*) echo "$TOKEN";; esac\n`);
            await chmod(join(bin, "az"), 0o755);
            const { output } = await run(
                [
                    ...["--shell", shell, "--connection-form", form, "--root-certificate", certificate],
                    ...["--port", String(server.gateway.port)],
                ],
                outputs(group),
            );
            const { stdout } = await execute(programOf(shell), ["-c", `${output.trim()} -XAtc 'select current_user'`], {
                env: {
                    ...process.env,
                    PATH: `${bin}${delimiter}${String(process.env["PATH"])}`,
                    TOKEN: await server.issuer.issue(who),
                    // The emulation isn't in DNS.
                    PGHOSTADDR: "127.0.0.1",
                },
            });
            expect(stdout.trim()).toBe(group);
        },
    );

    it("writes root certificates and has every command use them", async () => {
        const file = join(server.directory, "saved.pem");
        const { output, exitCode } = await run(
            ["--save-root-certificates", file, "--shell", "bash"],
            outputs(readers.displayName),
        );
        expect(exitCode).toBe(0);
        expect(output).toContain(`sslrootcert=${file}`);
        expect(await readFile(file, "utf8")).toBe(azureRootCertificates());
    });

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
            expect(refused.errors).toMatch(/password authentication failed[\s\S]*That is: /);
        },
        60_000,
    );

    it("says on standard error what an older psql needs, and leaves the commands alone", async () => {
        const bin = join(server.directory, "old");
        await mkdir(bin, { recursive: true });
        await writeFile(join(bin, "psql"), `#!/bin/sh\necho "psql (PostgreSQL) 15.18"\n`);
        await chmod(join(bin, "psql"), 0o755);
        const PATH = `${bin}${delimiter}${String(process.env["PATH"])}`;
        const { output, errors } = await run(["--shell", "zsh"], outputs(readers.displayName), { PATH });
        expect(errors).toContain("--save-root-certificates");
        expect(output.trim().split("\n")).toEqual(["az login", ...psqlCommands("zsh", facts)]);
    });

    it("gives psql the token in its environment, never among its arguments, and the roots of Azure to an older one", async () => {
        const bin = join(server.directory, "recording");
        const record = join(server.directory, "record");
        await mkdir(bin, { recursive: true });
        const script = `case "$1" in --version) echo "psql (PostgreSQL) 15.18"; exit;; esac
printf '%s\\n' "$@" > "$RECORD"
roots=$(printf '%s' "$1" | sed 's/.*sslrootcert=//; s/ .*//')
grep -c BEGIN "$roots" >> "$RECORD"
echo "$PGPASSWORD" | cut -c1-3 >> "$RECORD"
exit 3`;
        await writeFile(join(bin, "psql"), `#!/bin/sh\n${script}\n`);
        await chmod(join(bin, "psql"), 0o755);
        const { exitCode, output, errors } = await run(
            ["--server", "orders", "--as", "x", "--credential", "ManagedIdentity", "--run"],
            "",
            {
                ...server.issuer.environment(deployer.objectId),
                PATH: `${bin}${delimiter}${String(process.env["PATH"])}`,
                RECORD: record,
            },
        );
        expect(exitCode).toBe(3);
        expect(output + errors).toBe("");
        const [connection = "", roots, beginning, ...more] = (await readFile(record, "utf8")).trim().split("\n");
        expect(connection).toContain("user=x");
        expect([roots, beginning, more]).toEqual(["3", "eyJ", []]);
        const left = (await readdir(tmpdir())).filter((each) => connection.includes(each));
        expect(left).toEqual([]);
    });

    it.each([
        [["--port", "many"], 2, "from 1 to 65535"],
        [["--shell", "tcsh"], 2, "Allowed choices are bash"],
        [["--json", "--run"], 2, "cannot be used with"],
        [["--outputs", "nowhere.json"], 1, "There is no file nowhere.json. Give what"],
    ])("refuses %j with exit code %i and says what to give", async (args, code, message) => {
        const { exitCode, errors } = await run([...args, "--as", "x"]);
        expect(exitCode).toBe(code);
        expect(errors).toContain(message);
    });
});
