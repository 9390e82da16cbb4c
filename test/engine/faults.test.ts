import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Access, DatabaseAccess, EntraPostgres, EntraPrincipal } from "../../index";
import { administrators, alice, awkward, bob, dana, obrien, readers, writers } from "../../local/directory/contoso";
import { LocalStack, changed } from "../../local/engine/local-stack";
import { catalogOf } from "../support/catalog";
import { Deployment, type Program, entraPostgres, inGroup, may, smallest } from "../support/deployment";

const access: Access[] = [
    may(readers.displayName, "Reader"),
    may(writers.displayName, "Writer"),
    may(awkward.displayName, "Owner", "billing"),
    { principal: { type: "User", name: bob.userPrincipalName }, database: "billing", profile: "Reader" },
];
const program = entraPostgres({ databases: [{ name: "orders" }, { name: "billing" }], access });
const databases = ["orders", "billing"];

let deployment: Deployment;

beforeEach(async () => {
    deployment = await Deployment.start({ config: { "entra-postgres:patience": "20" } });
});

afterEach(async () => {
    await deployment.stop();
});

/** What a deployment makes to which nothing happens. */
async function undisturbed(): Promise<unknown[]> {
    const other = await Deployment.start();
    try {
        await other.up(program);
        return await catalogOf(other, databases);
    } finally {
        await other.stop();
    }
}

async function expectWhole(): Promise<void> {
    expect(await catalogOf(deployment, databases)).toEqual(await undisturbed());
    const quiet = await deployment.preview(program);
    expect(changed(quiet.changes), quiet.text).toBe(0);
}

describe("a deployment that is disturbed goes on where it stopped, and nothing is lost or doubled", () => {
    it("by Ctrl-C at each step", async () => {
        let interruptions = 0;
        // At least one resource more is made each time.
        while (await deployment.interruptedUp(program, 4)) interruptions += 1;
        expect(interruptions).toBeGreaterThan(5);
        await expectWhole();
    }, 300_000);

    it("by a server that restarts while principals and grants are made", async () => {
        let restarted: Promise<void> | undefined;
        deployment.onStep = ({ type }) => {
            if (!type.endsWith(":DatabaseAccess")) return;
            const { instance } = deployment.server;
            restarted ??= instance.kill().then(() => instance.restart());
        };
        await deployment.up(program);
        expect(restarted).toBeDefined();
        await restarted;
        await expectWhole();
    }, 120_000);

    it("by tokens that expire in the middle and connections that are cut", async () => {
        const { issuer, gateway } = deployment.emulation;
        issuer.setLifetime(4);
        deployment.onStep = ({ type }) => {
            if (type.endsWith(":EntraPrincipal")) gateway.cutNext("after-commit-before-reply");
        };
        const before = issuer.issued;
        // Pulumi's provider for grants has one token for a run: with one that dies so soon a run may end before its time.
        for (let run = 1; ; run++) {
            try {
                await deployment.up(program);
                break;
            } catch (error) {
                if (run === 6) throw error;
                expect(deployment.errors.join("\n")).toContain("The access token has expired");
            }
        }
        expect(issuer.issued - before).toBeGreaterThan(1);
        await expectWhole();
    }, 120_000);

    it("by a second deployment of the same stack, which is refused", async () => {
        let second: Promise<unknown> | undefined;
        deployment.onStep = ({ type }) => {
            if (type.endsWith(":Server")) second ??= deployment.automation.refresh().catch((error: unknown) => error);
        };
        await deployment.up(program);
        expect(String(await second)).toMatch(/locked|conflict/i);
        await expectWhole();
    }, 120_000);

    it("by another stack that changes other principals of the same server and database", async () => {
        const { emulation } = deployment;
        await deployment.up(entraPostgres({ databases: [{ name: "orders" }, { name: "billing" }] }));
        const [server] = emulation.resourceManager.list("dbforpostgresql:Server");
        const serverName = server?.id.split("/").at(-1) ?? "";
        const signInAs = administrators.displayName;
        const others = [alice, dana, obrien].map(({ userPrincipalName }) => userPrincipalName);
        const other = await LocalStack.create({
            emulation,
            stackName: "other",
            config: { "entra-postgres:patience": "20" },
            program: () => {
                for (const name of others) {
                    const principal = new EntraPrincipal(name, { serverName, name, type: "User", signInAs });
                    new DatabaseAccess(name, {
                        server: { serverName, resourceGroupName: "orders" },
                        database: "orders",
                        principal: principal.name,
                        profile: "Writer",
                        signInAs,
                    });
                }
                return Promise.resolve({});
            },
        });
        await Promise.all([deployment.up(program), other.up()]);
        const [theirs, ours] = [await other.preview(), await deployment.preview(program)];
        expect(changed(theirs.changes), theirs.text).toBe(0);
        expect(changed(ours.changes), ours.text).toBe(0);
        for (const name of [...others, readers.displayName, writers.displayName]) {
            expect(
                await deployment.query(
                    dana,
                    signInAs,
                    "orders",
                    `SELECT has_database_privilege(${pg.escapeLiteral(name)}, 'orders', 'CONNECT') AS may`,
                ),
                name,
            ).toEqual([{ may: true }]);
        }
    }, 120_000);
});

describe("a principal", () => {
    it("stays in the database when it is retained on deletion", async () => {
        const withBob = (keep: boolean): Program =>
            inGroup((resourceGroupName) => {
                const { host, server } = new EntraPostgres("orders", { ...smallest, resourceGroupName });
                if (keep) {
                    new EntraPrincipal(
                        "bob",
                        {
                            serverName: server.serverName,
                            name: bob.userPrincipalName,
                            type: "User",
                            signInAs: administrators.displayName,
                        },
                        { dependsOn: [server], retainOnDelete: true },
                    );
                }
                return { host };
            });
        await deployment.up(withBob(true));
        await deployment.up(withBob(false));
        expect(deployment.stepsOn("EntraPrincipal")).toHaveLength(1);
        expect(await deployment.query(bob, bob.userPrincipalName, "postgres", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    }, 60_000);
});

describe("a run with everything logged", () => {
    it("shows no secret, neither on screen nor in the state", async () => {
        const password = "S3cret-given-by-hand";
        const given = {
            mode: "EntraAndPassword",
            administratorLogin: "keeper",
            administratorPassword: password,
        } as const;
        await deployment.preview(entraPostgres({ authentication: given, access: access.slice(0, 1) }));
        let output = "";
        const collect = (text: string): void => {
            output += text;
        };
        await deployment.automation.up({
            color: "never",
            debug: true,
            logToStdErr: true,
            // From 9 on the engine itself writes down every property that it passes on.
            logVerbosity: 8,
            onOutput: collect,
            onError: collect,
        });
        const { IDENTITY_HEADER: header = "" } = deployment.emulation.environment();
        const [token = ""] = (await deployment.emulation.issuer.issue(alice)).split(".");
        const everything = output + (await deployment.stored());
        expect(output.length).toBeGreaterThan(10_000);
        for (const secret of [password, header, token]) {
            expect(secret.length).toBeGreaterThan(8);
            const at = everything.indexOf(secret);
            expect(at === -1 ? "" : everything.slice(at - 300, at)).toBe("");
        }
    }, 120_000);
});
