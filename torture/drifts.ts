/** What somebody changes by hand, past the stack. Each entry strikes at something that the stack made, if there is such. */
import pg from "pg";
import { administrators } from "../local/directory/contoso";
import type { Strike } from "./faults";
import { type Access, feasible } from "./desired-state";

const name = (text: string): string => pg.escapeIdentifier(text);

/** One of the entries of the state that is deployed. */
function entry(
    { world: { state }, choice }: Strike,
    fits: (entry: Access) => boolean = () => true,
): Access | undefined {
    const entries = state.access.filter(fits);
    return entries[choice % entries.length];
}

/** Whether an entry speaks about all tables of its schemas. */
function coversTables({ rights }: Access): boolean {
    return rights.profile !== "Custom" || (rights.tablePrivileges !== undefined && rights.onlyTables === undefined);
}

const schemaOf = ({ rights }: Access): string => rights.schemas?.[0] ?? "public";

/** What an administrator types into a database about one entry. */
function typed(sql: (entry: Access) => string, fits?: (entry: Access) => boolean) {
    return (strike: Strike): Promise<void> | undefined => {
        const found = entry(strike, fits);
        return found && strike.world.administer(found.database, sql(found));
    };
}

/** What somebody does in the portal to a resource of the server. */
function inPortal(kind: string, act: (strike: Strike, id: string) => Promise<void>, fits = /(?:)/) {
    return (strike: Strike): Promise<void> | undefined => {
        const { resourceManager } = strike.world.deployment.emulation;
        const resources = resourceManager.list(`dbforpostgresql:${kind}`).filter(({ id }) => fits.test(id));
        const found = resources[strike.choice % resources.length];
        return found && act(strike, found.id);
    };
}

const remove = ({ world }: Strike, id: string): Promise<void> => world.deployment.emulation.resourceManager.delete(id);

export const drifts = {
    "privileges taken": typed(
        (each) => `REVOKE ALL ON ALL TABLES IN SCHEMA ${name(schemaOf(each))} FROM ${name(each.role)}`,
        coversTables,
    ),
    "privileges added": typed(
        (each) => `GRANT ALL ON ALL TABLES IN SCHEMA ${name(schemaOf(each))} TO ${name(each.role)}`,
        coversTables,
    ),
    "future privileges taken": typed(
        (each) =>
            `ALTER DEFAULT PRIVILEGES FOR ROLE ${name(administrators.displayName)} IN SCHEMA ${name(schemaOf(each))}
                REVOKE ALL ON TABLES FROM ${name(each.role)}`,
        coversTables,
    ),
    "connecting taken": typed((each) => `REVOKE ALL ON DATABASE ${name(each.database)} FROM ${name(each.role)}`),
    "connecting given to everybody": typed((each) => `GRANT ALL ON DATABASE ${name(each.database)} TO PUBLIC`),
    "sign-in taken": typed((each) => `ALTER ROLE ${name(each.role)} NOLOGIN`),
    "role dropped": (strike: Strike): Promise<void> | undefined => {
        const role = entry(strike)?.role;
        return role === undefined ? undefined : drop(strike, role);
    },
    "database dropped": (strike: Strike): Promise<void> | undefined => {
        const { state, furniture } = strike.world;
        // What was made by hand in it is gone as well: access to that couldn't be given again.
        const kept = feasible(state, []).access;
        const bare = state.databases.filter((database) =>
            state.access.every((each) => each.database !== database || kept.includes(each)),
        );
        const gone = bare[strike.choice % bare.length];
        if (gone === undefined) return undefined;
        furniture.delete(gone);
        return inPortal("Database", remove, new RegExp(`/${gone}$`))(strike);
    },
    "firewall rule deleted": inPortal("FirewallRule", remove, /office$/),
    "parameter changed": inPortal("Configuration", ({ world }, id) =>
        world.instance.setParameter(id.split("/").at(-1) ?? "", world.state.logConnections === "on" ? "off" : "on"),
    ),
};

/** As on Azure, where an administrator may drop every principal. */
async function drop({ world }: Strike, role: string): Promise<void> {
    for (const database of world.state.databases) {
        await world.instance.query(database, `DROP OWNED BY ${name(role)}`);
    }
    await world.instance.query("postgres", `DROP ROLE ${name(role)}`);
}
