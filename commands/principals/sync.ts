/** `entra-postgres sync`: brings the roles of groups' members in step now, and says what that changed. */
import type { ClientBase } from "pg";
import { visible } from "../../components/visible";
import { groupSyncSetting } from "../../provider/principal/statements";
import { screen } from "../screen";
import { type ConnectionOptions, withServer } from "./connection";

/** Memberships in Entra groups, each as `group ← member`. What the function itself returns isn't documented. */
const memberships = `
    SELECT g.rolname || ' ← ' || m.rolname AS membership
      FROM pg_auth_members a
      JOIN pg_roles g ON g.oid = a.roleid
      JOIN pg_roles m ON m.oid = a.member
      JOIN pg_shseclabel l ON l.objoid = g.oid AND l.classoid = 'pg_authid'::regclass
     WHERE l.provider = 'pgaadauth-int' AND l.label LIKE '%type=group%'
       AND EXISTS (SELECT FROM pg_shseclabel o WHERE o.objoid = m.oid AND o.classoid = 'pg_authid'::regclass)
     ORDER BY 1`;

/** What a sync added and removed. */
export interface SyncOutcome {
    added: string[];
    removed: string[];
}

export async function sync(options: ConnectionOptions): Promise<SyncOutcome> {
    const outcome = await withServer(options, synchronize);
    for (const membership of outcome.added) screen.passed(`added    ${visible(membership)}`);
    for (const membership of outcome.removed) screen.passed(`removed  ${visible(membership)}`);
    if (outcome.added.length + outcome.removed.length === 0) screen.note("Every group is in step: nothing changed.");
    return outcome;
}

async function synchronize(client: ClientBase): Promise<SyncOutcome> {
    const { rows } = await client.query<{ value: string | null }>(groupSyncSetting);
    if (!["on", "true", "1", "yes"].includes((rows[0]?.value ?? "off").toLowerCase())) {
        throw new Error("Group sync is off on this server. Set groupSync: true in the program and deploy that first.");
    }
    const read = async (): Promise<string[]> =>
        (await client.query<{ membership: string }>(memberships)).rows.map(({ membership }) => membership);
    const before = await read();
    await client.query("SELECT * FROM pgaadauth_sync_roles_for_group_members()");
    const after = await read();
    return {
        added: after.filter((membership) => !before.includes(membership)),
        removed: before.filter((membership) => !after.includes(membership)),
    };
}
