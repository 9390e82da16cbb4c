/** Names that others chose, where a person reads them. */
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { CheckRequest, DeleteRequest } from "@pulumi/pulumi/proto/provider_pb";
import * as fc from "fast-check";
import { spawnSync } from "node:child_process";
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conninfoValue } from "../../components/access/connection-string";
import { visible, visibleJson, visibleLines } from "../../components/visible";
import { administrators, alice, bob, deployer } from "../../local/directory/contoso";
import { entraPostgres } from "../../provider/provider";
import { serve } from "../../provider/protocol/serve";
import { runCommand } from "../support/command";
import { EmulatedServer } from "../support/emulated-server";
import { anyName, hostileNames } from "./hostile-names";

/** What a terminal acts on, or a reader doesn't see. The line's end is the only one that belongs there. */
const unseen = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

let server: EmulatedServer;

beforeAll(async () => {
    server = await EmulatedServer.start();
    await writeFile(join(server.directory, "root.pem"), server.gateway.certificates.root);
}, 60_000);

afterAll(async () => {
    await server.stop();
});

const run = (...args: string[]) =>
    runCommand(
        [
            ...args,
            ...["--server", "orders", "--as", administrators.displayName, "--credential", "ManagedIdentity"],
            ...["--host-address", "127.0.0.1", "--port", String(server.gateway.port)],
            ...["--root-certificate", join(server.directory, "root.pem")],
        ],
        { environment: server.issuer.environment(deployer.objectId) },
    );

describe("text for a person", () => {
    it("has every character in sight, whatever it is made of", () => {
        fc.assert(
            fc.property(fc.oneof(anyName, fc.constantFrom(...hostileNames)), (name) => {
                expect(visible(name)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
                expect(visibleLines(`${name}\n${name}`)).not.toMatch(unseen);
                expect(visibleJson([name])).not.toMatch(unseen);
                expect(JSON.parse(visibleJson({ [name]: [name] }))).toEqual({ [name]: [name] });
            }),
        );
    });
});

describe("entra-postgres import", () => {
    it("prints every name harmlessly, and as what it is", async () => {
        for (const name of hostileNames) {
            await server.query("SELECT pgaadauth_create_principal_with_oid($1, $2, 'user', false, false)", [
                name,
                bob.objectId,
            ]);
        }
        const json = await run("import", "--json");
        expect(json.errors).toBe("");
        expect(json.output).not.toMatch(unseen);
        const { resources } = JSON.parse(json.output) as { resources: { name: string }[] };
        expect(resources.map(({ name }) => name).sort()).toEqual([...hostileNames].sort());

        const whole = await run("import");
        expect(whole.output).not.toMatch(unseen);
        // The program's part is a program, with nothing in it but these principals.
        const [, program = ""] = whole.output.split(/3\. Add this to the program\n/);
        const [code = ""] = program.split(/\n\nAdministrators/);
        const made: string[] = [];
        const note = function (_: string, { name }: { name: string }): void {
            made.push(name);
        };
        // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- what it prints is for running
        new Function("EntraPrincipal", ts.transpile(code))(note);
        expect(made.sort()).toEqual([...hostileNames].sort());
    });
});

describe("entra-postgres connect", () => {
    it("gives no command with a character that a terminal or a shell acts on", async () => {
        for (const as of ["x\n touch canary", "\u001b[2Jevil", "\u009b31m"]) {
            const { exitCode, output, errors } = await runCommand(["connect", "--server", "orders", "--as", as]);
            expect(exitCode).toBe(1);
            expect(output).toBe("");
            expect(errors).toMatch(/has control characters.*Use --run/);
            expect(errors).not.toMatch(unseen);
        }
    });

    it("gives commands that hand a hostile name to psql as it is and run nothing else", async () => {
        const bin = join(server.directory, "bin");
        await mkdir(bin);
        await writeFile(join(bin, "az"), "#!/bin/sh\n", { mode: 0o755 });
        await writeFile(join(bin, "psql"), '#!/bin/sh\nprintf %s "$1"\n', { mode: 0o755 });
        for (const as of hostileNames.filter((name) => !/\p{Cc}/u.test(name))) {
            const { output, errors } = await runCommand([
                "connect",
                "--server",
                "orders",
                "--as",
                as,
                "--shell",
                "bash",
            ]);
            expect(output, errors).not.toBe("");
            const ran = spawnSync("bash", ["--norc", "-c", output], {
                encoding: "utf8",
                cwd: server.directory,
                env: { PATH: `${bin}:${process.env["PATH"] ?? ""}` },
            });
            expect(ran.stderr).toBe("");
            expect(ran.stdout).toContain(conninfoValue(as));
        }
        await expect(access(join(server.directory, "canary"))).rejects.toThrow("ENOENT");
    }, 120_000);
});

describe("entra-postgres sync", () => {
    it("prints a group's and a member's name on one line each, harmlessly", async () => {
        const { directory } = server.instance;
        const name = "Team\u001b[2J\n✔ everything is fine\u202e";
        const objectId = "0b1ec700-0000-4000-8000-00000000beef";
        directory.add({ type: "Group", objectId, displayName: name, memberObjectIds: [alice.objectId] });
        await server.instance.directorySynchronized();
        await server.query("SELECT pgaadauth_create_principal($1, false, false)", [name]);
        await server.instance.setParameter("pgaadauth.enable_group_sync", "on");
        directory.removeMember(objectId, alice.objectId);
        const { output, errors } = await run("sync");
        expect(errors).toBe("");
        expect(output).toContain("removed  Team\\u{1b}[2J\\u{a}✔ everything is fine\\u{202e} ← alice@contoso.com");
        expect(output).not.toMatch(unseen);
        expect(output.trim().split("\n")).toHaveLength(1);
    });
});

describe("an error of the provider", () => {
    it("reaches the engine, which prints it as it is, with nothing in it that a terminal acts on", async () => {
        const provider = await serve({
            ...entraPostgres(),
            delete: () => Promise.reject(new Error('Role "a" owns objects:\n  table \u001b[2Jevil\u009b0m\u202e')),
            check: ({ inputs }) =>
                Promise.resolve({ inputs, failures: [{ property: "name", reason: "\u001b]0;x\u0007 was given" }] }),
        });
        const client = new ResourceProviderClient(
            `127.0.0.1:${String(provider.port)}`,
            grpc.credentials.createInsecure(),
        );
        const details = await new Promise<string>((resolve) => {
            client.delete(new DeleteRequest(), (error) => {
                resolve(error?.details ?? "");
            });
        });
        expect(details).toBe('Role "a" owns objects:\n  table \\u{1b}[2Jevil\\u{9b}0m\\u{202e}');
        const failures = await new Promise<string[]>((resolve) => {
            client.check(new CheckRequest(), (_, response) => {
                resolve(response.getFailuresList().map((each) => each.getReason()));
            });
        });
        expect(failures).toEqual(["\\u{1b}]0;x\\u{7} was given"]);
        client.close();
        await provider.close();
    });
});
