/** Making principals: our provider, a script of the same statements, and a role and label over a connection each. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { administrators, bob, deployer } from "../../local/directory/contoso";
import { signIn } from "../../local/sign-in";
import { EmulatedServer, calls } from "../../test/support/emulated-server";
import { type Figure, type Part, figureOf, timed } from "../figure";
import { growthExponent, median } from "../statistics";

const host = "orders.postgres.database.azure.com";
/** As many operations at a time as the engine runs by itself on four processors. */
const parallel = 16;

export const principals: Part = async ({ rounds, sizes }) => {
    const server = await EmulatedServer.start();
    const figures: Figure[] = [];
    /** The provider's time as so many times the script's: what the database itself takes isn't ours. */
    const costs: { size: number; cost: number }[] = [];
    try {
        const engine = calls(await server.provider());
        const folder = server.directory;
        const certificate = join(folder, "bench-root.pem");
        await writeFile(certificate, server.gateway.certificates.root);

        for (const size of sizes) {
            const pairs: { ours: number; script: number; each: number }[] = [];
            for (let round = 0; round <= rounds; round++) {
                const names = (prefix: string) =>
                    Array.from({ length: size }, (_, index) => `${prefix} ${String(round)} ${String(index)}`);
                const [mine, scripted, connected] = [names("provider"), names("script"), names("connection")];
                const order = [
                    ["ours", () => inParallel(mine, (name) => engine.create(inputs(name)))],
                    ["script", () => script(scripted)],
                    ["each", () => inParallel(connected, connection)],
                ] as const;
                const result = { ours: 0, script: 0, each: 0 };
                // Who comes first changes from round to round.
                for (let turn = 0; turn < order.length; turn++) {
                    const [name, work] = order[(turn + round) % order.length] ?? order[0];
                    result[name] = await timed(work);
                    // With more roles everything takes longer: each begins with none.
                    await clear();
                }
                if (round > 0) pairs.push(result);
            }
            const part = "principals";
            figures.push(
                figureOf(
                    {
                        part,
                        what: `${String(size)} principals: provider / psql script`,
                        unit: "×",
                        ...(size >= 1000 && { target: { most: 1.2 } }),
                    },
                    pairs.map(({ ours, script: other }) => ours / other),
                ),
                figureOf(
                    {
                        part,
                        what: `${String(size)} principals: a connection each / provider`,
                        unit: "×",
                        ...(size >= 1000 && { target: { least: 10 } }),
                    },
                    pairs.map(({ ours, each }) => each / ours),
                ),
            );
            costs.push({ size, cost: median(pairs.map(({ ours, script: other }) => ours / other)) });
        }
        server.gateway.reset();
        await inParallel(
            Array.from({ length: 200 }, (_, index) => `many ${String(index)}`),
            (name) => engine.create(inputs(name)),
        );
        figures.push(
            figureOf(
                {
                    part: "principals",
                    what: "connections to a server at most",
                    unit: "connections",
                    target: { most: 8 },
                },
                [server.gateway.mostConnections(host)],
            ),
        );
        // Below a hundred the first connections cost more than the principals.
        const grown = costs.filter(({ size }) => size >= 100);
        if (grown.length > 1) {
            figures.push(
                figureOf(
                    {
                        part: "principals",
                        what: "growth of the provider's time over the script's, plus 1",
                        unit: "exponent",
                        target: { most: 1.05 },
                    },
                    [1 + growthExponent(grown)],
                ),
            );
        }
        return figures;

        async function clear(): Promise<void> {
            await server.query(
                `DO $$ DECLARE role name; BEGIN
                    FOR role IN SELECT rolname FROM pgaadauth_standin.principal WHERE NOT is_admin LOOP
                        EXECUTE format('DROP OWNED BY %1$I', role);
                        EXECUTE format('DROP ROLE %1$I', role);
                    END LOOP; END $$`,
            );
        }

        /** All statements one after another on one connection, as somebody would write them by hand. */
        async function script(names: string[]): Promise<void> {
            const file = join(folder, "bench.sql");
            await writeFile(
                file,
                names
                    .map((name) => {
                        const args = [
                            pg.escapeLiteral(name),
                            pg.escapeLiteral(bob.objectId),
                            "'user'",
                            "false",
                            "false",
                        ];
                        return `SELECT pgaadauth_create_principal_with_oid(${args.join(", ")});\n`;
                    })
                    .join(""),
            );
            await promisify(execFile)(
                "psql",
                [
                    `host=${host} hostaddr=127.0.0.1 port=${String(server.gateway.port)} dbname=postgres ` +
                        `user='${administrators.displayName}' sslmode=verify-full sslrootcert=${certificate}`,
                    ...["--no-psqlrc", "--quiet", "--output", "/dev/null", "--file", file],
                ],
                { env: { ...process.env, PGPASSWORD: await server.issuer.issue(deployer) } },
            );
        }

        /** A role and its security label over a connection of their own. */
        async function connection(name: string): Promise<void> {
            const client = await signIn(server, host, deployer, administrators.displayName, "postgres");
            await client.query(`CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN`);
            await client.query(
                `SECURITY LABEL FOR "pgaadauth" ON ROLE ${pg.escapeIdentifier(name)} IS 'aadauth,oid=${bob.objectId},type=user'`,
            );
            await client.end();
        }
    } finally {
        await server.stop();
    }
};

function inputs(name: string) {
    return { name, type: "User", objectId: bob.objectId };
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
    const rest = [...items];
    const worker = async (): Promise<void> => {
        for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
    };
    await Promise.all(Array.from({ length: parallel }, worker));
}
