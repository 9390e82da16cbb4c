/** What must hold after each round, whatever went wrong in it. */
import {
    administrators,
    alice,
    bob,
    dana,
    deployer,
    duplicates,
    guest,
    obrien,
    ordersApi,
} from "../local/directory/contoso";
import { type DirectoryObject, nameOf } from "../local/directory/directory";
import { signIn } from "../local/sign-in";
import type { Step } from "../test/support/deployment";
import { actualCatalog } from "./catalog";
import { type Database, principals } from "./desired-state";
import { expectedCatalog, mayDo, maySignIn } from "./oracle";
import type { World } from "./world";

export interface Violation {
    invariant: "catalog" | "sign-in" | "rights" | "server" | "deployment" | "processes";
    what: string;
}

/** Everybody who can have a token. */
const everybody: readonly DirectoryObject[] = [
    ...[alice, bob, dana, guest, obrien, deployer, ordersApi],
    ...duplicates,
];
const roles = [...Object.keys(principals), administrators.displayName, nameOf(guest)];

/** How many sign-ins were tried, by what they had to lead to. */
export interface SignIns {
    admitted: number;
    refused: number;
}

/** The catalog equals the desired state, as far as principals go. */
export async function checkCatalog({ instance, state, furniture }: World): Promise<Violation[]> {
    const [expected, actual] = [expectedCatalog(state, furniture), await actualCatalog(instance)];
    const differences = [
        ...expected.filter((line) => !actual.includes(line)).map((line) => `missing: ${line}`),
        ...actual.filter((line) => !expected.includes(line)).map((line) => `unexpected: ${line}`),
    ];
    return differences.map((what) => ({ invariant: "catalog", what }));
}

/** No plan touches the server itself. */
export function checkServer(steps: readonly Step[]): Violation[] {
    return steps
        .filter(({ type, operation }) => type.endsWith(":Server") && operation !== "update")
        .map(({ operation, name }) => ({ invariant: "server", what: `the engine would ${operation} ${name}` }));
}

/**
 * Tries to sign in as every role that there could be: whoever it stands for, and two others, who change from round to round.
 * Who gets in finds exactly what the state gives.
 */
export async function checkSignIns(world: World, choice: number): Promise<{ violations: Violation[]; tried: SignIns }> {
    const violations: Violation[] = [];
    const tried: SignIns = { admitted: 0, refused: 0 };
    const { state } = world;
    for (const [index, role] of roles.entries()) {
        const insiders = everybody.filter((who) => maySignIn(who, role, state));
        const outsiders = everybody.filter((who) => !insiders.includes(who));
        const some = [0, 1].map((offset) => outsiders[(choice + index + offset * 4) % outsiders.length]);
        for (const who of [...insiders.slice(0, 1), ...some]) {
            if (!who) continue;
            const expected = insiders.includes(who);
            // Everybody may enter this database.
            const entered = await enters(world, who, role, "postgres");
            tried[expected ? "admitted" : "refused"] += 1;
            if (entered !== expected) {
                const what = `${nameOf(who)} as ${role}: ${entered ? "admitted" : "refused"}`;
                violations.push({ invariant: "sign-in", what });
            }
            if (!expected) continue;
            if (await enters(world, who, role, "postgres", -60)) {
                violations.push({
                    invariant: "sign-in",
                    what: `${nameOf(who)} as ${role} with an expired token: admitted`,
                });
            }
            tried.refused += 1;
            for (const database of state.databases) violations.push(...(await checkRights(world, who, role, database)));
        }
    }
    return { violations, tried };
}

async function checkRights(world: World, who: DirectoryObject, role: string, database: Database): Promise<Violation[]> {
    const wanted = mayDo(role, database, world.state);
    const tries = {
        connect: "SELECT 1",
        read: "SELECT * FROM public.items LIMIT 1",
        empty: "DELETE FROM public.items WHERE false",
    };
    const actual = { connect: true, read: true, empty: true };
    for (const [act, sql] of Object.entries(tries) as [keyof typeof tries, string][]) {
        if (act !== "connect" && !actual.connect) actual[act] = false;
        else actual[act] = await can(world, who, role, database, sql);
    }
    return (Object.keys(tries) as (keyof typeof tries)[])
        .filter((act) => actual[act] !== (wanted.connect && wanted[act]))
        .map((act) => ({
            invariant: "rights",
            what: `${role} ${actual[act] ? "can" : "can't"} ${act} in ${database}`,
        }));
}

async function can(world: World, who: DirectoryObject, role: string, database: string, sql: string): Promise<boolean> {
    try {
        await world.deployment.query(who, role, database, sql);
        return true;
    } catch (error) {
        if (String(error).includes("permission denied")) return false;
        throw error;
    }
}

/** Whether a sign-in is admitted; a failure that is no refusal is thrown. */
async function enters(
    { deployment: { emulation, server } }: World,
    who: DirectoryObject,
    role: string,
    database: string,
    lifetime = 3600,
): Promise<boolean> {
    const host = `${server.name}.postgres.database.azure.com`;
    try {
        const client = await signIn(emulation, host, who, role, database, { lifetime });
        await client.end();
        return true;
    } catch (error) {
        if ((error as { code?: string }).code?.startsWith("28") === true) return false;
        throw error;
    }
}
