/** Principals and their grants: our provider, a script of the same statements, and a connection for each resource. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { planRights } from "../../components/access/rights";
import { administrators, bob, deployer } from "../../local/directory/contoso";
import { signIn } from "../../local/sign-in";
import { giveAtOnce, giveStatements } from "../../provider/grants/statements";
import { EmulatedServer, accessType, calls } from "../../test/support/emulated-server";
import { type Figure, type Part, figureOf, timed } from "../figure";
import { growthExponent, median } from "../statistics";

const host = "orders.postgres.database.azure.com";
/** As many operations at a time as the engine runs by itself on four processors. */
const parallel = 16;
/** A database a team: PostgreSQL keeps a table's grants in one row, which has no room for thousands. */
const principalsPerDatabase = 100;

/** Who is made, and the database that they may read. */
interface Person {
    role: string;
    database: string;
}

const grants = planRights({ profile: "Reader" }, { version: 17, defaultOwner: administrators.displayName });

function statements(person: Person): string[] {
    return grants.flatMap((grant) => giveAtOnce(person, grant));
}

export const principals: Part = async ({ rounds, sizes }) => {
    const server = await EmulatedServer.start();
    const figures: Figure[] = [];
    /** The provider's time as so many times the script's: what the database itself takes isn't ours. */
    const costs: { size: number; cost: number }[] = [];
    try {
        const provider = await server.provider();
        const [engine, access] = [calls(provider), calls(provider, { type: accessType })];
        const folder = server.directory;
        const certificate = join(folder, "bench-root.pem");
        await writeFile(certificate, server.gateway.certificates.root);

        const databases = await makeDatabases(Math.ceil(Math.max(...sizes) / principalsPerDatabase));
        for (const size of sizes) {
            const pairs: { ours: number; script: number; each: number }[] = [];
            // Thousands take as long in one round as all others together, and over a connection each far longer.
            const many = size > 1000;
            for (let round = many ? 1 : 0; round <= (many ? 1 : rounds); round++) {
                const people = (prefix: string) =>
                    Array.from({ length: size }, (_, index) => ({
                        role: `${prefix} ${String(round)} ${String(index)}`,
                        database: databases[Math.floor(index / principalsPerDatabase)] ?? "",
                    }));
                const [mine, scripted, connected] = [people("provider"), people("script"), people("connection")];
                const order = [
                    ["ours", () => inParallel(mine, make)],
                    ["script", () => script(scripted)],
                    ...(many ? [] : [["each", () => inParallel(connected, connections)] as const]),
                ] as const;
                const result = { ours: 0, script: 0, each: 0 };
                // Who comes first changes from round to round.
                for (let turn = 0; turn < order.length; turn++) {
                    const [name, work] = order[(turn + round) % order.length] ?? order[0];
                    result[name] = await timed(work);
                    process.stderr.write(`  ${String(size)} ${name} ${(result[name] / 1000).toFixed(1)} s\n`);
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
                        what: `${String(size)} principals with grants: provider / psql script`,
                        unit: "×",
                        ...(size >= 1000 && { target: { most: 1.2 } }),
                    },
                    pairs.map(({ ours, script: other }) => ours / other),
                ),
            );
            if (!many) {
                figures.push(
                    figureOf(
                        {
                            part,
                            what: `${String(size)} principals with grants: a connection each / provider`,
                            unit: "×",
                            ...(size >= 1000 && { target: { least: 10 } }),
                        },
                        pairs.map(({ ours, each }) => each / ours),
                    ),
                );
            }
            costs.push({ size, cost: median(pairs.map(({ ours, script: other }) => ours / other)) });
        }
        server.gateway.reset();
        await inParallel(
            Array.from({ length: 200 }, (_, index) => ({
                role: `many ${String(index)}`,
                database: databases[index % databases.length] ?? "",
            })),
            make,
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

        async function makeDatabases(count: number): Promise<string[]> {
            const names = Array.from({ length: count }, (_, index) => `team${String(index)}`);
            for (const name of names) {
                await server.instance.createDatabase(name, { charset: "UTF8", collation: "en_US.utf8" });
                const tables = Array.from({ length: 10 }, (_, index) => `CREATE TABLE t${String(index)} (id int)`);
                const owner = pg.escapeIdentifier(administrators.displayName);
                await server.query(`SET ROLE ${owner}; ${tables.join("; ")}`, undefined, name);
            }
            return names;
        }

        async function make({ role, database }: Person): Promise<void> {
            await engine.create(inputs(role));
            await access.create({ role, database, grants });
        }

        async function clear(): Promise<void> {
            const own = "SELECT rolname FROM pgaadauth_standin.principal WHERE NOT is_admin";
            const roles = (await server.query(own)).map(({ rolname }) => pg.escapeIdentifier(String(rolname)));
            if (roles.length === 0) return;
            for (const name of databases) await server.query(`DROP OWNED BY ${roles.join(", ")}`, undefined, name);
            await server.query(`DROP ROLE ${roles.join(", ")}`);
        }

        /** All statements one after another on one connection, as somebody would write them by hand. */
        async function script(people: Person[]): Promise<void> {
            const file = join(folder, "bench.sql");
            const lines = people.map(({ role }) => {
                const args = [pg.escapeLiteral(role), pg.escapeLiteral(bob.objectId), "'user'", "false", "false"];
                return `SELECT pgaadauth_create_principal_with_oid(${args.join(", ")});`;
            });
            for (const [index, person] of people.entries()) {
                if (index % principalsPerDatabase === 0) lines.push(`\\connect ${person.database}`);
                lines.push(...statements(person).map((statement) => `${statement};`));
            }
            await writeFile(file, lines.join("\n"));
            await promisify(execFile)(
                "psql",
                [
                    `host=${host} hostaddr=127.0.0.1 port=${String(server.gateway.port)} dbname=postgres ` +
                        `user='${administrators.displayName}' sslmode=verify-full sslrootcert=${certificate}`,
                    ...["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--output", "/dev/null", "--file", file],
                ],
                { env: { ...process.env, PGPASSWORD: await server.issuer.issue(deployer) } },
            );
        }

        /** A role, its security label and each of its grants over a connection of their own. */
        async function connections(person: Person): Promise<void> {
            const role = pg.escapeIdentifier(person.role);
            const label = `'aadauth,oid=${bob.objectId},type=user'`;
            await overOneConnection("postgres", `CREATE ROLE ${role} LOGIN`);
            await overOneConnection("postgres", `SECURITY LABEL FOR "pgaadauth" ON ROLE ${role} IS ${label}`);
            for (const grant of grants) {
                // Privileges of one object can't be changed by two at once.
                const lock = `BEGIN; SELECT pg_advisory_xact_lock(hashtext(current_database()))`;
                await overOneConnection(person.database, [lock, ...giveStatements(person, grant), "COMMIT"].join("; "));
            }
        }

        async function overOneConnection(database: string, sql: string): Promise<void> {
            const client = await signIn(server, host, deployer, administrators.displayName, database);
            await client.query(sql);
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
