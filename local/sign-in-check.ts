/** Signs in to an emulated server as people of the sample tenant do, and says what they may. */
import type pg from "pg";
import { administrators, alice, bob, dana, readers } from "./directory/contoso";
import type { Emulation } from "./emulation";
import { signIn } from "./sign-in";
import type { TokenRequest } from "./tokens/issuer";

/** One thing that must be so. */
export interface Check {
    what: string;
    passed: boolean;
    /** What the server answered. */
    answer: string;
}

interface Attempt {
    who: { objectId: string };
    user: string;
    sql: string;
    token?: Partial<TokenRequest>;
}

/** What the server says to one attempt: the rows' first column, or its error. */
async function attempt(emulation: Emulation, host: string, database: string, { who, user, sql, token }: Attempt) {
    let client: pg.Client | undefined;
    try {
        client = await signIn(emulation, host, who, user, database, token);
        const { rows } = await client.query<Record<string, string>>(sql);
        return { answer: Object.values(rows[0] ?? {})[0] ?? "done", failed: false };
    } catch (error) {
        return { answer: error instanceof Error ? error.message : String(error), failed: true };
    } finally {
        await client?.end().catch(() => undefined);
    }
}

/** Checks the promise of the main job: members of the group read and do nothing else, others don't get in. */
export async function checkSignIn(emulation: Emulation, host: string, database: string): Promise<Check[]> {
    const reader = { who: alice, user: readers.displayName };
    const table = "public.parcels";
    const count = `SELECT count(*) FROM ${table}`;
    const steps: (Attempt & { what: string; expected: RegExp; fails: boolean })[] = [
        {
            what: `An administrator makes a table (${dana.userPrincipalName} as "${administrators.displayName}")`,
            who: dana,
            user: administrators.displayName,
            sql: `CREATE TABLE ${table} AS SELECT generate_series(1, 3) AS id`,
            expected: /done/,
            fails: false,
        },
        {
            what: `A member signs in as "${readers.displayName}" and reads it (${alice.userPrincipalName})`,
            ...reader,
            sql: count,
            expected: /^3$/,
            fails: false,
        },
        {
            what: "The member can't write",
            ...reader,
            sql: `INSERT INTO ${table} VALUES (4)`,
            expected: /permission denied/,
            fails: true,
        },
        {
            what: "The member can't make tables",
            ...reader,
            sql: "CREATE TABLE mine (id int)",
            expected: /permission denied/,
            fails: true,
        },
        {
            what: `Who is no member is refused (${bob.userPrincipalName})`,
            ...reader,
            who: bob,
            sql: count,
            expected: /does not contain group ID/,
            fails: true,
        },
        {
            what: "An expired token is refused",
            ...reader,
            token: { lifetime: -60 },
            sql: count,
            expected: /token has expired/,
            fails: true,
        },
        {
            what: "The name in another case is refused",
            ...reader,
            user: readers.displayName.toLowerCase(),
            sql: count,
            expected: /password authentication failed/,
            fails: true,
        },
    ];
    const checks: Check[] = [];
    for (const step of steps) {
        const { answer, failed } = await attempt(emulation, host, database, step);
        checks.push({ what: step.what, passed: failed === step.fails && step.expected.test(answer), answer });
    }
    return checks;
}
