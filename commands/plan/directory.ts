import { createHash } from "node:crypto";
import { contoso } from "../../local/directory/contoso";
import type { Directory, DirectoryObject } from "../../local/directory/directory";

interface Named {
    type: "User" | "Group" | "ServicePrincipal";
    name: string;
    objectId?: string;
}

/** The sample tenant and everybody whom a configuration names: a plan needs no tenant of one's own. */
export function directoryFor(config: Record<string, unknown>): Directory {
    const directory = contoso();
    for (const [key, value] of Object.entries(config)) {
        const section = key.split(":").at(-1);
        const named =
            section === "administrators"
                ? (value as Named[])
                : section === "access"
                  ? (value as { principal: Named }[]).map(({ principal }) => principal)
                  : [];
        for (const principal of named) {
            if (directory.find(principal.name).length === 0) directory.add(objectFor(principal));
        }
    }
    return directory;
}

/** An object with ids that follow from its name, so that a plan is the same each time. */
function objectFor({ type, name, objectId = identifierOf(`object ${name}`) }: Named): DirectoryObject {
    switch (type) {
        case "Group":
            return { type, objectId, displayName: name, memberObjectIds: [] };
        case "User":
            return { type, objectId, userPrincipalName: name, displayName: name };
        case "ServicePrincipal":
            return {
                type,
                objectId,
                displayName: name,
                applicationId: identifierOf(`application ${name}`),
                managedIdentity: false,
            };
    }
}

function identifierOf(text: string): string {
    const digits = createHash("sha256").update(text).digest("hex");
    return [
        digits.slice(0, 8),
        digits.slice(8, 12),
        `4${digits.slice(13, 16)}`,
        `8${digits.slice(17, 20)}`,
        digits.slice(20, 32),
    ].join("-");
}
