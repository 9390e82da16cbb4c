/** Security labels of Entra principals. Source: "Manage Microsoft Entra roles in Azure Database for PostgreSQL". */

/** The kinds of object as the database writes them. */
export type LabelType = "user" | "group" | "service";

/** What a role stands for, as the server resolved it (`pgaadauth-int`). */
export interface Mapping {
    type: LabelType;
    objectId: string;
    tenantId: string;
    isAdmin: boolean;
    isMfa: boolean;
}

/** Reads the mapping that the server wrote. */
export function parseMapping(label: string): Mapping | undefined {
    const fields = new Map(
        label.split(",").map((part) => {
            const [key = "", value = ""] = part.split("=");
            return [key.trim(), value.trim()] as const;
        }),
    );
    const [type, objectId, tenantId] = [fields.get("type"), fields.get("oid"), fields.get("tenant_id")];
    if ((type !== "user" && type !== "group" && type !== "service") || objectId === undefined) return undefined;
    return {
        type,
        objectId: objectId.toLowerCase(),
        tenantId: tenantId?.toLowerCase() ?? "",
        isAdmin: fields.has("admin"),
        isMfa: fields.has("mfa"),
    };
}

/** Writes a request for a label: lower-case id, no blanks, always with the type. */
export function formatLabel(request: { type: LabelType; objectId: string; isAdmin: boolean; isMfa: boolean }): string {
    return [
        "aadauth",
        `oid=${request.objectId.toLowerCase()}`,
        `type=${request.type}`,
        ...(request.isAdmin ? ["admin"] : []),
        ...(request.isMfa ? ["mfa"] : []),
    ].join(",");
}
