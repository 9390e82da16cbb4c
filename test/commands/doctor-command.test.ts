import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cause, type CauseText, type Layer, causes, layers } from "../../commands/doctor/causes";
import { causeOfMessage } from "../../commands/doctor/messages";
import { connectionFacts } from "../../components/access/connection";
import { administrators, alice, awkward, deployer, readers } from "../../local/directory/contoso";
import { packageRoot } from "../../local/package-root";
import { runCommand } from "../support/command";
import { EmulatedServer } from "../support/emulated-server";

/** What the service, PostgreSQL, its drivers and psql were seen to say. */
const messages: [string, Cause][] = [
    ["FATAL:  The access token has expired. Acquire a new token and try again.", "TokenExpired"],
    [
        'The access token does not have a valid audience claim. Please acquire a new token for the resource "https://ossrdbms-aad.database.windows.net".',
        "TokenForAnotherService",
    ],
    [
        'The access token doesn\'t have a valid audience claim. Acquire a new token for resource "https://ossrdbms-aad.database.windows.net"',
        "TokenForAnotherService",
    ],
    ["The access token doesn't have a valid oid claim. Acquire a new token and try again", "TokenWithoutObject"],
    [
        "Azure AD user token for role[AzureAdmin] is neither an AAD_AUTH_TOKENTYPE_APP_USER or an AAD_AUTH_TOKENTYPE_APP_OBO token.",
        "ApplicationOnUserRole",
    ],
    [
        'Microsoft Entra user token for role "x" is neither an AAD_AUTH_TOKENTYPE_APP_USER or an AAD_AUTH_TOKENTYPE_APP_OBO token.',
        "ApplicationOnUserRole",
    ],
    ["Service Principals cannot generate AAD_AUTH_TOKENTYPE_APP_USER tokens for role[x]", "UserOnApplicationRole"],
    ['Service principals cannot generate AAD_AUTH_TOKENTYPE_APP_USER tokens for role "x"', "UserOnApplicationRole"],
    ["Service Principal oid mismatch for role[x].", "ObjectMismatch"],
    [
        'Service principal oid mismatch for role "x" The oid in the security label [a] does not match the appid [b] or oid [c] in the token.',
        "ObjectMismatch",
    ],
    ["Azure AD access token not valid for role readers (does not contain group ID 1)", "NotAMember"],
    ['FATAL:  password authentication failed for user "x"', "SignInRefused"],
    ['role "x" does not exist', "RoleMissing"],
    ["An error occurred while validating the access token. Please acquire a new token and retry", "TokenNotValidated"],
    ["0LP01: An unexpected error occurred while trying to validate user.", "EntraUnreachable"],
    ['no pg_hba.conf entry for host "203.0.113.7", user "x", database "y", SSL encryption', "FirewallRuleMissing"],
    ['no pg_hba.conf entry for host "203.0.113.7", user "x", database "y", no encryption', "ConnectionNotEncrypted"],
    ['role "x" is not permitted to log in', "LoginOff"],
    ['The access token for role "x" doesn\'t have a valid mfa claim.', "MfaMissing"],
    ['could not translate host name "x" to address: Name or service not known', "ServerNameUnknown"],
    ["getaddrinfo ENOTFOUND orders.postgres.database.azure.com", "ServerNameUnknown"],
    ["getaddrinfo EAI_AGAIN orders.postgres.database.azure.com", "DnsSilent"],
    ['connection to server at "x" (10.0.0.4), port 5432 failed: Connection refused', "PortClosed"],
    ["connect ECONNREFUSED 127.0.0.1:5432", "PortClosed"],
    ['connection to server at "x" (10.0.0.4), port 5432 failed: Connection timed out', "NoAnswer"],
    ["timeout expired", "NoAnswer"],
    ["server does not support SSL, but SSL was required", "TlsNotOffered"],
    ["The server does not support SSL connections", "TlsNotOffered"],
    ["SSL error: certificate verify failed", "CertificateUntrusted"],
    ["self-signed certificate in certificate chain", "CertificateUntrusted"],
    ["unable to get local issuer certificate", "CertificateUntrusted"],
    ["certificate has expired", "CertificateExpired"],
    ["certificate is not yet valid", "CertificateNotYetValid"],
    ['server certificate for "*.postgres.database.azure.com" does not match host name "x"', "CertificateOfAnotherHost"],
    [
        "Hostname/IP does not match certificate's altnames: Host: x. is not in the cert's altnames",
        "CertificateOfAnotherHost",
    ],
    ["SSL error: tlsv1 alert protocol version", "TlsRefused"],
    ["sorry, too many clients already", "ServerFull"],
    ["remaining connection slots are reserved for azure replication users", "ServerFull"],
    ['too many connections for role "x"', "ConnectionLimit"],
    ['too many connections for database "x"', "ConnectionLimit"],
    ["the database system is starting up", "ServerNotReady"],
    ['database "x" does not exist', "DatabaseMissing"],
    ['permission denied for database "x"', "ConnectMissing"],
    ["permission denied for schema app", "SchemaUsageMissing"],
    ["permission denied for table parcels", "TablePrivilegeMissing"],
    ['relation "parcels" does not exist', "TableMissing"],
];

describe("a message", () => {
    it.each(messages)("%j means %s", (message, cause) => {
        expect(causeOfMessage(message)).toBe(cause);
    });

    it("of another kind means nothing", () => {
        expect(causeOfMessage("syntax error at or near SELECT")).toBeUndefined();
    });
});

describe("entra-postgres doctor", () => {
    let server: EmulatedServer;
    let base: string[];
    let certificate: string;

    beforeAll(async () => {
        server = await EmulatedServer.start();
        certificate = join(server.directory, "root.pem");
        await writeFile(certificate, server.gateway.certificates.root);
        await server.query("SELECT pgaadauth_create_principal($1, false, false)", [readers.displayName]);
        base = [
            ...["--server", "orders", "--database", "orders", "--host-address", "127.0.0.1"],
            ...["--port", String(server.gateway.port), "--root-certificate", certificate],
            ...["--credential", "ManagedIdentity", "--administrator", administrators.displayName],
        ];
    }, 60_000);

    afterAll(async () => {
        await server.stop();
    });

    async function run(args: string[], PGPASSWORD?: string) {
        const { exitCode, output, errors } = await runCommand(["doctor", ...args], {
            environment: { ...server.issuer.environment(deployer.objectId), PGPASSWORD },
        });
        const lines = (output + errors).split("\n");
        expect(output + errors, "no token is shown").not.toContain("eyJ");
        if (!args.includes("--json")) {
            expect(lines.filter((line) => line.length > 80)).toEqual([]);
        }
        return { exitCode, output, errors };
    }

    it("says that all is well, a line a layer", async () => {
        const token = await server.issuer.issue(alice);
        const { exitCode, output } = await run([...base, "--as", readers.displayName], token);
        expect(exitCode, output).toBe(0);
        expect(output).toContain("– DNS             not looked at: 127.0.0.1 was given");
        for (const layer of layers.slice(1)) expect(output).toMatch(new RegExp(`^✔ ${layer} `, "m"));
        expect(output).toContain("No fault found.");
    });

    it("names the cause and the fix, and what it didn't look at", async () => {
        const token = await server.issuer.issue(alice);
        const { exitCode, output } = await run([...base, "--as", "prod db readonly"], token);
        expect(exitCode).toBe(1);
        expect(output).toContain('password authentication failed for user "prod db readonly"');
        expect(output).toContain("✘ Role            The role is written in another case");
        expect(output).toContain("– Label           not looked at");
        expect(output).toContain('"prod db readonly" was given; the role is "Prod DB Readonly".');
        expect(output).toContain(`Fix: ${causes.RoleNameCase.fix}`);
    });

    it("says the same for programs", async () => {
        const token = await server.issuer.issue({ objectId: alice.objectId, lifetime: -60 });
        const { exitCode, output } = await run([...base, "--as", readers.displayName, "--json"], token);
        expect(exitCode).toBe(1);
        const found = JSON.parse(output) as { fault: unknown; layers: unknown[]; user: string };
        expect(found).toMatchObject({
            host: "orders.postgres.database.azure.com",
            user: readers.displayName,
            fault: { cause: "TokenExpired", ...causes.TokenExpired },
        });
        expect(found.layers).toHaveLength(layers.length);
        const well = await run([...base, "--as", administrators.displayName, "--json"]);
        expect(JSON.parse(well.output)).toMatchObject({ fault: null });
    });

    it("stays with what the message says without an administrator, or when that one is refused, too", async () => {
        const token = await server.issuer.issue(alice);
        const alone = base.slice(0, -2);
        const without = await run([...alone, "--as", "nobody"], token);
        expect(without.output).toContain("(SignInRefused)");
        expect(without.output).toContain('The server says: password authentication failed for user "nobody"');
        const refused = await run([...alone, "--as", "nobody", "--administrator", "no admin"], token);
        expect(refused.output).toContain("(SignInRefused)");
        expect(refused.output).toContain("Nobody could look inside");
    });

    it("shows names of others so that they do nothing to the terminal", async () => {
        const name = "Prod DB Rea\u001b[2Jers";
        await server.query("SELECT pgaadauth_create_principal_with_oid($1, $2, 'group', false, false)", [
            name,
            awkward.objectId,
        ]);
        const { output } = await run([...base, "--as", "Prod DB Rea[2Jers"], await server.issuer.issue(alice));
        expect(output).toContain("Prod DB Rea\\u{1b}[2Jers");
        expect(output).not.toContain("\u001b");
    });

    it("takes server, user and database from a stack's outputs", async () => {
        const signIn = {
            user: readers.displayName,
            principalType: "Group",
            database: "orders",
            access: "reads",
        } as const;
        const outputs = { connect: connectionFacts("orders", "Public", [signIn]) };
        const { exitCode, output, errors } = await runCommand(["doctor", ...base.slice(4), "--json"], {
            input: JSON.stringify(outputs),
            environment: {
                ...server.issuer.environment(deployer.objectId),
                PGPASSWORD: await server.issuer.issue(alice),
            },
        });
        expect(exitCode, output + errors).toBe(0);
        expect(JSON.parse(output)).toMatchObject({
            host: "orders.postgres.database.azure.com",
            user: readers.displayName,
            database: "orders",
            fault: null,
        });
    });

    it("explains a message without looking", async () => {
        const { exitCode, output } = await run(["--message", 'FATAL: role "x" is not permitted to log in']);
        expect(exitCode).toBe(1);
        expect(output).toContain("The role may not sign in (LoginOff)");
        const json = await run(["--json", "--message", "timeout expired"]);
        expect(JSON.parse(json.output)).toEqual({ cause: "NoAnswer", detail: "", ...causes.NoAnswer });
        const unknown = await run(["--message", "hello"]);
        expect(unknown.exitCode).toBe(2);
        expect(unknown.errors).toContain("No known cause has this message");
    });

    it("says all that is wrong with its use, and ends with 2", async () => {
        const wrong = ["--port", "0", "--credential", "Magic", "--tenant", "contoso", "--route-table", "x.json"];
        const { exitCode, errors } = await run(["--server", "orders", "--as", "x", ...wrong]);
        expect(exitCode).toBe(2);
        for (const each of ["--port: ", "--credential: ", "--tenant: ", "--subnet-prefix"])
            expect(errors).toContain(each);
        expect((await run(["--server", "orders"])).exitCode).toBe(2);
        expect((await run(["--no-such-option"])).exitCode).toBe(2);
        const notJson = await run(["--server", "orders", "--as", "x", "--azure-server", certificate]);
        expect([notJson.exitCode, notJson.errors.replace(/\s+/g, " ")]).toEqual([
            2,
            expect.stringContaining("az postgres flexible-server show"),
        ]);
    });

    it("has help that fits", async () => {
        const { exitCode, output } = await run(["--help"]);
        expect(exitCode).toBe(0);
        expect(output).toContain("Exit code: 0 no fault, 1 a fault, 2");
    });
});

describe("docs/errors.md", () => {
    it("has every cause as the doctor tells it (after a change run this test once with --update)", async () => {
        await expect(errorsPage()).toMatchFileSnapshot(join(packageRoot, "docs", "errors.md"));
    });

    it("is what docs/doctor.md leads to", async () => {
        const text = await readFile(join(packageRoot, "docs", "doctor.md"), "utf8");
        expect(text).toContain("(errors.md)");
    });
});

function errorsPage(): string {
    const all = Object.entries(causes) as [Cause, CauseText][];
    const section = (layer: Layer): string[] => [
        `## ${layer}`,
        "",
        ...all
            .filter(([, text]) => text.layer === layer)
            .flatMap(([cause, { title, explanation, fix, source }]) => [
                `### ${cause}`,
                "",
                `**${title}.** ${explanation}`,
                "",
                `Fix: ${fix}`,
                "",
                `Source: ${source}.`,
                "",
            ]),
    ];
    return [
        ...["---", "section: Reference", "order: 3", "---", ""],
        "# Errors",
        "",
        "Why a sign-in fails, by the names that [`entra-postgres doctor`](doctor.md)",
        "gives, in the order in which it looks.",
        "",
        ...layers.filter((layer) => all.some(([, text]) => text.layer === layer)).flatMap(section),
    ]
        .join("\n")
        .replace(/\n+$/, "\n");
}
