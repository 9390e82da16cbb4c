/** The code for applications, as it is shipped, signs in to the emulation and goes on when its first token has ended. */
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Application, applications } from "../../commands/connect/applications";
import { ordersApi } from "../../local/directory/contoso";
import { packageRoot } from "../../local/package-root";
import { runCommand } from "../support/command";
import { EmulatedServer } from "../support/emulated-server";

const execute = promisify(execFile);
const checks = join(packageRoot, "test", "commands", "applications");
const has = (program: string): boolean => spawnSync(program, ["-version"]).error === undefined;

/** Seconds that a token lasts here: longer than a virtual machine takes to load what connects. */
const lifetime = 10;

/** A program that uses the code: the command that starts it, and what tells its client whom to trust. */
interface Program {
    command: string;
    args: string[];
    environment: Record<string, string>;
}

let server: EmulatedServer;
let certificate: string;
let folder: string;

beforeAll(async () => {
    server = await EmulatedServer.start();
    folder = await mkdtemp(join(tmpdir(), "entra-applications-"));
    certificate = join(folder, "root.pem");
    await writeFile(certificate, server.gateway.certificates.root);
    await server.query("SELECT pgaadauth_create_principal($1, false, false)", [ordersApi.displayName]);
    server.issuer.setLifetime(lifetime);
}, 60_000);

afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
});

/** Puts the code, as the command prints it, and a program that uses it into a folder, and makes it ready. */
const prepare: Partial<Record<Application, (place: string) => Promise<Program>>> = {
    async node(place) {
        await copyFile(join(checks, "check.mjs"), join(place, "check.mjs"));
        await symlink(join(packageRoot, "node_modules"), join(place, "node_modules"));
        return {
            command: process.execPath,
            args: [join(place, "check.mjs")],
            environment: { NODE_EXTRA_CA_CERTS: certificate },
        };
    },
    async python(place) {
        await copyFile(join(checks, "check.py"), join(place, "check.py"));
        await execute("python3", ["-m", "venv", join(place, "venv")]);
        const python = join(place, "venv", "bin", "python");
        const packages = ["azure-identity==1.27.0", "certifi", "psycopg[binary]==3.3.9", "psycopg-pool==3.3.3"];
        await execute(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages]);
        return { command: python, args: [join(place, "check.py")], environment: { PGSSLROOTCERT: certificate } };
    },
    async java(place) {
        const sources = join(place, "src", "main", "java");
        await mkdir(sources, { recursive: true });
        await copyFile(join(checks, "pom.xml"), join(place, "pom.xml"));
        await copyFile(join(checks, "Check.java"), join(sources, "Check.java"));
        await copyFile(join(place, "Database.java"), join(sources, "Database.java"));
        const classPath = ["dependency:build-classpath", "-Dmdep.outputFile=classpath"];
        await execute("mvn", ["-q", "-B", "compile", ...classPath], { cwd: place });
        const store = join(place, "roots.p12");
        const trusted = ["-importcert", "-noprompt", "-file", certificate, "-keystore", store];
        await execute("keytool", [...trusted, "-storepass", "for a test", "-storetype", "PKCS12"]);
        return {
            command: "java",
            args: [
                `-Djavax.net.ssl.trustStore=${store}`,
                "-Djavax.net.ssl.trustStorePassword=for a test",
                "-classpath",
                [join(place, "target", "classes"), await readFile(join(place, "classpath"), "utf8")].join(delimiter),
                "Check",
            ],
            environment: {},
        };
    },
    async go(place) {
        await mkdir(join(place, "database"));
        await copyFile(join(place, "database.go"), join(place, "database", "database.go"));
        await rm(join(place, "database.go"));
        for (const file of ["main.go", "go.mod", "go.sum"]) await copyFile(join(checks, file), join(place, file));
        const check = join(place, "check");
        await execute("go", ["build", "-o", check, "."], {
            cwd: place,
            env: { ...process.env, GOFLAGS: "-mod=readonly" },
        });
        return { command: check, args: [], environment: { SSL_CERT_FILE: certificate } };
    },
};

const needed: Partial<Record<Application, string[]>> = {
    node: [],
    python: ["python3"],
    java: ["mvn", "java", "keytool"],
    go: ["go"],
};

describe("code for an application", () => {
    it.each(applications)("in %s is printed with what it needs and where to connect", async (application) => {
        const { output, exitCode } = await runCommand([
            ...["connect", "--server", "orders", "--as", "Prod DB Readonly", "--database", "orders"],
            ...["--application", application, "--shell", "bash", "--cloud", "USGovernment"],
        ]);
        expect(exitCode).toBe(0);
        expect(output).toContain("export PGHOST='orders.postgres.database.usgovcloudapi.net'");
        expect(output).toContain("export PGUSER='Prod DB Readonly'");
        expect(output).toContain("export AZURE_AUTHORITY_HOST='https://login.microsoftonline.us'");
        expect(output).toContain("https://ossrdbms-aad.database.usgovcloudapi.net/.default");
        expect(output).not.toContain("database.windows.net");
        expect(output.split("\n").filter((line) => line.length > 120)).toEqual([]);
    });

    it.for(applications.filter((application) => application in prepare))(
        "in %s signs in, and again with a new token when the first has ended",
        { timeout: 240_000 },
        async (application, test) => {
            const missing = (needed[application] ?? []).filter((program) => !has(program));
            test.skip(missing.length > 0, `to run this, install ${missing.join(" and ")}`);
            const place = join(folder, application);
            await mkdir(place);
            const { output: printed } = await runCommand([
                ...["connect", "--server", "orders", "--as", "x", "--application", application, "--json"],
            ]);
            const { file, code } = JSON.parse(printed) as { file: string; code: string };
            await writeFile(join(place, file), code);
            const program = await prepare[application]?.(place);
            if (!program) throw new Error(`there is no program for ${application}`);

            const before = server.issuer.issued;
            const child = spawn(program.command, program.args, {
                env: {
                    ...process.env,
                    ...program.environment,
                    ...server.issuer.environment(ordersApi.objectId),
                    PGHOST: "localhost",
                    PGPORT: String(server.gateway.port),
                    PGDATABASE: "orders",
                    PGUSER: ordersApi.displayName,
                },
            });
            const errors = text(child.stderr);
            const closed = once(child, "close");
            const lines: AsyncIterator<string, unknown> = createInterface({ input: child.stdout })[
                Symbol.asyncIterator
            ]();
            const ask = async (): Promise<string> => {
                child.stdin.write("\n");
                const answer = await lines.next();
                return answer.done === true ? `it ended: ${await errors}` : answer.value;
            };
            try {
                expect(await ask()).toBe(ordersApi.displayName);
                await wait(1000 * (lifetime + 1));
                server.gateway.dropAll();
                expect(await ask()).toBe(ordersApi.displayName);
                expect(server.issuer.issued - before).toBeGreaterThan(1);
                child.stdin.end();
                expect([(await closed)[0], await errors].join()).not.toContain("eyJ");
            } finally {
                child.kill();
                await closed;
            }
        },
    );
});
