/** Whether the role may sign in at all. */
import { type Finding, fault, passed } from "../findings";
import type { Inside, InsideRole } from "../inside";

export function judgeLogin({ name, canLogin, mapping }: InsideRole, { groupSync }: Inside): Finding {
    if (canLogin) return passed("may sign in");
    return mapping?.type === "group" && groupSync
        ? fault("GroupLoginOff", `"${name}" is a group and NOLOGIN.`)
        : fault("LoginOff", `"${name}" is NOLOGIN.`);
}
