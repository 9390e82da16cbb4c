import { describe, expect, it } from "vitest";
import { type Client, clientGuide, clients, describeClient } from "../../commands/connect/clients";
import type { SignInFacts } from "../../components/access/shells";
import { awkward } from "../../local/directory/contoso";
import { runCommand } from "../support/command";

const facts: SignInFacts = {
    host: "orders.postgres.database.azure.com",
    port: 5432,
    cloud: "Public",
    user: awkward.displayName,
    database: "orders",
};
const guide = (client: Client, more: Partial<SignInFacts> = {}) =>
    clientGuide(client, { ...facts, ...more }, "/tmp/roots.pem");

describe("settings for a client", () => {
    it.each(clients)("of %s have the server, the name as it is, and verify the server", (client) => {
        const text = JSON.stringify(guide(client).settings);
        expect(text).toContain(facts.host);
        expect(text).toContain(JSON.stringify(facts.user).slice(1, -1));
        expect(text).toContain("verify-full");
    });

    it.each(clients)("of %s are shown in 80 columns, but for values", (client) => {
        const text = describeClient(guide(client));
        const steps = text.slice(0, text.indexOf("\n\n"));
        expect(steps.split("\n").filter((line) => line.length > 80)).toEqual([]);
        expect(text).toContain(facts.host);
    });

    it("of pgAdmin are a file that it imports, with a command that gets a token", () => {
        const server = (guide("pgadmin").settings as { Servers: Record<string, Record<string, unknown>> }).Servers["1"];
        expect(server).toMatchObject({
            Host: facts.host,
            Username: facts.user,
            MaintenanceDB: "orders",
            ConnectionParameters: { sslmode: "verify-full", sslrootcert: "/tmp/roots.pem" },
        });
        expect(server?.["PasswordExecCommand"]).toContain("az account get-access-token --resource-type oss-rdbms");
    });

    it("of pgAdmin without root certificates say how to get them", () => {
        expect(() => clientGuide("pgadmin", facts)).toThrow("--save-root-certificates azure-roots.pem");
    });

    it("of DBeaver name the scope of another cloud", () => {
        expect(JSON.stringify(guide("dbeaver", { cloud: "China" }).settings)).toContain(
            "https://ossrdbms-aad.database.chinacloudapi.cn/.default",
        );
    });

    it("are printed for people, and for programs", async () => {
        const args = ["connect", "--server", "orders", "--as", facts.user, "--client", "vscode"];
        expect((await runCommand(args)).output).toMatch(/Azure Data Studio is retired[\s\S]*ms-ossdata\.vscode-pgsql/);
        expect(JSON.parse((await runCommand([...args, "--json"])).output)).toMatchObject({ client: "vscode" });
        expect((await runCommand([...args, "--run"])).exitCode).toBe(2);
    });
});
