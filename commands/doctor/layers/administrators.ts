/** Whether somebody administers the server through Entra. */
import { type Finding, fault, passed } from "../findings";
import type { Inside } from "../inside";

export function judgeAdministrators({ roles }: Inside): Finding {
    const names = roles.filter(({ mapping }) => mapping?.isAdmin).map(({ name }) => `"${name}"`);
    return names.length === 0
        ? fault("NoAdministrator", "No role is labelled as administrator.")
        : passed(names.join(", "));
}
