/** What happens to a principal's rights in a database: given, read, changed, taken away. */
import type pg from "pg";
import type { PlannedGrant } from "../../components/access/rights";
import type { Configuration } from "../configuration";
import type { Connections } from "../connection/connections";
import { retrying } from "../connection/retry";
import * as principals from "../principal/statements";
import { Batches } from "./batches";
import { type AccessInputs, placeOf } from "./inputs";
import { readOwnersToJoin } from "./owners";
import { readDefaultPrivileges, readGrant, readMembership, readWhoHasAny } from "./privileges";
import { giveAtOnce, giveStatements, takeStatement } from "./statements";

/** What the database says when it isn't there itself. Source: PostgreSQL, "PostgreSQL Error Codes". */
const noSuchDatabase = "3D000";

const insufficientPrivilege = "42501";

/** Who may grant nothing on an object is told by a warning, and goes on. Source: as above. */
const privilegeNotGranted = "01007";

/** What is to be changed of a principal's rights. */
interface Change extends AccessInputs {
    /** @param hasAny whether the role has or owns anything in the database */
    plan: (client: pg.ClientBase, hasAny: boolean) => Promise<Plan>;
    whenWarned?: (client: pg.ClientBase) => Promise<void>;
}

interface Plan {
    touched: PlannedGrant[];
    statements: string[];
}

export class AccessLifecycle {
    readonly #batches = new Batches(makeChanges, (client: pg.ClientBase) => client.query("ROLLBACK"));

    constructor(
        private readonly configuration: Configuration,
        private readonly connections: Connections,
    ) {}

    /** Gives exactly these rights, and takes away what was given before and isn't wanted any more: all of it, or nothing. */
    async give(inputs: AccessInputs, before: readonly PlannedGrant[], signal: AbortSignal): Promise<void> {
        const wanted = new Set(inputs.grants.map(placeOf));
        const unwanted = before.filter((grant) => !wanted.has(placeOf(grant)));
        await this.#change(signal, {
            ...inputs,
            plan: async (client, hasAny) => {
                // Who has nothing yet is given at once, as nearly always; from others what they have is taken first.
                const give = hasAny ? giveStatements : giveAtOnce;
                const gone = await held(client, inputs, unwanted);
                return {
                    touched: [...gone, ...inputs.grants],
                    statements: [
                        ...gone.map((grant) => takeStatement(inputs, grant)),
                        ...inputs.grants.flatMap((grant) => give(inputs, grant)),
                    ],
                };
            },
            whenWarned: (client) => refuseLess(client, inputs),
        });
    }

    /** The rights as they really are; undefined when the role or the database is gone. */
    async read(inputs: AccessInputs, signal: AbortSignal): Promise<PlannedGrant[] | undefined> {
        return ifThere(() =>
            retrying(this.configuration.patience, signal, () =>
                this.connections.useDatabase(inputs, inputs.database, async (client) => {
                    if (!(await roleExists(client, inputs.role))) return undefined;
                    const actual: PlannedGrant[] = [];
                    for (const grant of inputs.grants) actual.push(...(await readOne(client, inputs, grant)));
                    return actual;
                }),
            ),
        );
    }

    /** Takes away what the role still has. */
    async take(inputs: AccessInputs, signal: AbortSignal): Promise<void> {
        await ifThere(() =>
            this.#change(signal, {
                ...inputs,
                plan: async (client) => {
                    if (!(await roleExists(client, inputs.role))) return { touched: [], statements: [] };
                    const touched = await held(client, inputs, inputs.grants);
                    return { touched, statements: touched.map((grant) => takeStatement(inputs, grant)) };
                },
            }),
        );
    }

    #change(signal: AbortSignal, change: Change): Promise<void> {
        const { serverName, signInAs, database } = change;
        const place = JSON.stringify([serverName, signInAs, database]);
        return retrying(this.configuration.patience, signal, () =>
            this.#batches.add(place, change, (work) => this.connections.useDatabase(change, database, work)),
        );
    }
}

/**
 * One transaction that holds the database's lock: PostgreSQL refuses concurrent changes of one object's privileges.
 * Statements go in one message, since a server may be far away.
 */
async function makeChanges(client: pg.ClientBase, changes: readonly [Change, ...Change[]]): Promise<void> {
    const [first] = changes;
    const warnings = new Set<string | undefined>();
    const note = ({ code }: { code: string | undefined }): void => void warnings.add(code);
    client.on("notice", note);
    try {
        await client.query(principals.beginOn(`database ${first.database}`));
        const roles = changes.map(({ role }) => role);
        const { rows } = await client.query<{ role: string }>(readWhoHasAny(roles));
        const having = new Set(rows.map(({ role }) => role));
        const plans: Plan[] = [];
        for (const { role, plan } of changes) plans.push(await plan(client, having.has(role)));
        const owners = await ownersToJoin(
            client,
            plans.flatMap(({ touched }) => touched),
        );
        const statements = plans.flatMap((plan) => plan.statements);
        await client.query(
            [...owners.map(principals.becomeMember), ...statements, ...owners.map(principals.leave)].join(";\n"),
        );
        if (warnings.has(privilegeNotGranted)) {
            for (const { whenWarned } of changes) await whenWarned?.(client);
        }
        await client.query("COMMIT");
    } catch (error) {
        throw advised(error, first);
    } finally {
        client.off("notice", note);
    }
}

/** What is done with a database that may be gone. */
async function ifThere<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
        return await work();
    } catch (error) {
        if ((error as { code?: string }).code === noSuchDatabase) return undefined;
        throw error;
    }
}

/** Fails when less was granted than was wanted. */
async function refuseLess(client: pg.ClientBase, inputs: AccessInputs): Promise<void> {
    for (const grant of inputs.grants) {
        const [actual] = await readOne(client, inputs, grant);
        if (grant.kind !== "Grant" || actual?.kind !== "Grant" || actual === grant) continue;
        const { objectType, schema } = grant;
        const where = objectType === "database" ? "the database" : `${objectType}s of schema "${schema ?? ""}"`;
        throw Object.assign(
            new Error(`${inputs.signInAs} may not grant ${grant.privileges.join(", ")} on ${where}, which others own`),
            { code: insufficientPrivilege },
        );
    }
}

async function roleExists(client: pg.ClientBase, role: string): Promise<boolean> {
    return ((await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role])).rowCount ?? 0) > 0;
}

/** Of these, what the role has a part of, and where it still can have: objects and schemas may be gone. */
async function held(
    client: pg.ClientBase,
    { role, database }: AccessInputs,
    grants: readonly PlannedGrant[],
): Promise<PlannedGrant[]> {
    const found: PlannedGrant[] = [];
    for (const grant of grants) {
        if (grant.kind === "Grant") {
            const rows = (await privilegesOn(client, readGrant({ role, database, ...grant }))).filter(
                ({ privileges }) => privileges.length > 0,
            );
            if (rows.length === 0) continue;
            found.push(grant.objects ? { ...grant, objects: rows.map(({ object }) => object) } : grant);
        } else if ((await readOne(client, { role, database }, grant)).length > 0) {
            found.push(grant);
        }
    }
    return found;
}

/** A grant with the privileges that the role really has; nothing when it has none and none could be had. */
async function readOne(
    client: pg.ClientBase,
    { role, database }: Pick<AccessInputs, "role" | "database">,
    grant: PlannedGrant,
): Promise<PlannedGrant[]> {
    switch (grant.kind) {
        case "Grant": {
            const rows = await privilegesOn(client, readGrant({ role, database, ...grant }));
            const wanted = [...grant.privileges].sort().join();
            const different = rows.find(({ privileges }) => privileges.join() !== wanted);
            return [different ? { ...grant, privileges: different.privileges } : grant];
        }
        case "DefaultPrivileges": {
            const [row] = await privilegesOn(client, readDefaultPrivileges({ role, database, ...grant }));
            const actual = row?.privileges ?? [];
            if (actual.length === 0) return [];
            return [actual.join() === [...grant.privileges].sort().join() ? grant : { ...grant, privileges: actual }];
        }
        case "Membership": {
            const { rowCount } = await client.query(readMembership({ role, grantRole: grant.grantRole }));
            return (rowCount ?? 0) > 0 ? [grant] : [];
        }
    }
}

async function privilegesOn(
    client: pg.ClientBase,
    query: { text: string; values: unknown[] },
): Promise<{ object: string; privileges: string[] }[]> {
    return (await client.query<{ object: string; privileges: string[] }>(query)).rows;
}

/** Whose objects, made or still to be made, are meant without the administrator having their rights: PostgreSQL asks for that. */
async function ownersToJoin(client: pg.ClientBase, grants: readonly PlannedGrant[]): Promise<string[]> {
    return (await client.query<{ owner: string }>(readOwnersToJoin(grants))).rows.map(({ owner }) => owner);
}

/** Adds what to do to the database's words. */
function advised(error: unknown, { role, database }: AccessInputs): Error {
    const { message = String(error), code } = error as { message?: string; code?: string };
    const advice =
        {
            "3F000": "Make the schema first, or leave it out of schemas.",
            "42P01": "Make the table first, or leave it out of onlyTables.",
            "42704": "Make the role first, or correct its name.",
            [insufficientPrivilege]: "Sign in as an administrator who may manage what is there.",
        }[code ?? ""] ?? "";
    return Object.assign(new Error(`Access of "${role}" to ${database}: ${message}. ${advice}`.trim()), { code });
}
