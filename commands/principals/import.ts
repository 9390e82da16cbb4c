/** `entra-postgres import`: what is needed to take over the principals that are on a server already. */
import { bashQuote } from "../../components/access/shells";
import { visible, visibleJson } from "../../components/visible";
import { type PrincipalType, principalTypeOf } from "../../provider/principal/inputs";
import type { LabelType } from "../../provider/principal/label";
import { screen } from "../screen";
import { type ConnectionOptions, withServer } from "./connection";

/** A principal as the server lists it. */
export interface ListedPrincipal {
    name: string;
    type: PrincipalType;
    objectId: string;
    isAdmin: boolean;
    isMfa: boolean;
}

// The documented and the real name of the first column differ, so the columns are named here.
const list = `
    SELECT p.rolname::text AS name, p.principaltype AS type, p.objectid AS object_id,
           p.isadmin = 1 AS is_admin, p.ismfa = 1 AS is_mfa
      FROM pgaadauth_list_principals(false) AS p(rolname, principaltype, objectid, tenantid, ismfa, isadmin)
     ORDER BY 1`;

export async function importPrincipals(options: ConnectionOptions & { json?: boolean }): Promise<void> {
    const principals = await withServer(options, async (client) => {
        const { rows } = await client.query<{
            name: string;
            type: LabelType;
            object_id: string;
            is_admin: boolean;
            is_mfa: boolean;
        }>(list);
        return rows.map((row): ListedPrincipal => ({
            name: row.name,
            type: principalTypeOf(row.type),
            objectId: row.object_id,
            isAdmin: row.is_admin,
            isMfa: row.is_mfa,
        }));
    });
    // Administrators are Azure's own resources, which azure-native imports.
    const [administrators, others] = [
        principals.filter((each) => each.isAdmin),
        principals.filter((each) => !each.isAdmin),
    ];
    const file = importFile(options.server, others);
    if (options.json === true) {
        console.log(file);
        return;
    }
    screen.heading("1. Save this as principals.json");
    console.log(file);
    screen.heading("2. Say as whom to sign in, and import");
    console.log(`pulumi config set entra-postgres:signInAs ${bashQuote(options.as)}`);
    console.log("pulumi import --file principals.json");
    screen.heading("3. Add this to the program");
    console.log(programFor(options.server, options.as, others));
    if (administrators.length > 0) {
        screen.heading("Administrators, which belong to `administrators` of the server:");
        for (const { name, type, objectId } of administrators) screen.plain(`${type} ${visible(name)} (${objectId})`);
    }
}

/** A file for `pulumi import --file`. */
export function importFile(server: string, principals: readonly ListedPrincipal[]): string {
    const resources = principals.map(({ name }) => ({
        type: "entra-postgres:index:EntraPrincipal",
        name,
        id: `${server}/${name}`,
    }));
    return visibleJson({ resources });
}

/** The program's side of the import. */
export function programFor(server: string, signInAs: string, principals: readonly ListedPrincipal[]): string {
    const text = (value: string): string => visibleJson(value);
    return principals
        .map(({ name, type, objectId, isMfa }) =>
            [
                `new EntraPrincipal(${text(name)}, {`,
                `    serverName: ${text(server)},`,
                `    name: ${text(name)},`,
                `    type: ${text(type)},`,
                `    objectId: ${text(objectId)},`,
                ...(isMfa ? ["    isMfa: true,"] : []),
                `    signInAs: ${text(signInAs)},`,
                "});",
            ].join("\n"),
        )
        .join("\n");
}
