/** Whether there is a role of exactly this name, and if not, which name was meant. */
import { type Finding, fault, passed } from "../findings";
import { type Inside, type InsideRole, roleOf } from "../inside";
import { nearest } from "../nearest";
import type { Claims } from "./token";

export function judgeRole(user: string, inside: Inside, claims: Claims): Finding {
    if (roleOf(inside, user)) return passed(`"${user}" is there`);
    const { roles } = inside;
    const same = (form: (name: string) => string): InsideRole | undefined =>
        roles.find(({ name }) => form(name) === form(user));
    const otherCase = same(withoutCase);
    if (otherCase) return fault("RoleNameCase", given(user, otherCase.name));
    const otherSpaces = same((name) => withoutCase(withoutSpaces(name)));
    if (otherSpaces) return fault("RoleNameSpaces", given(user, otherSpaces.name));
    const guest = roles.find(({ name }) =>
        withoutCase(name).startsWith(`${withoutCase(user).replace("@", "_")}#ext#@`),
    );
    if (guest && user.includes("@")) return fault("GuestName", given(user, guest.name));
    const groups = groupsOf(inside, claims);
    if (groups.length > 0 && claims.userName !== undefined && withoutCase(claims.userName) === withoutCase(user)) {
        const named = groups.map(({ name }) => `"${name}"`).join(", ");
        return inside.groupSync
            ? fault("MemberNotSynced", `${user} is a member of ${named}, and has no role yet.`)
            : fault("GroupNameNeeded", `${user} is a member of ${named}; sign in as that.`);
    }
    return fault("RoleMissing", `There is no role "${user}".${suggestion(user, roles)}`);
}

/** The groups with a role here to which whoever holds the token belongs. */
function groupsOf({ roles }: Inside, { groups = [] }: Claims): InsideRole[] {
    return roles.filter(({ mapping }) => mapping?.type === "group" && groups.includes(mapping.objectId));
}

function given(user: string, name: string): string {
    return `"${spacesShown(user)}" was given; the role is "${spacesShown(name)}".`;
}

/** Spaces of other kinds than the usual one are shown by number. */
function spacesShown(name: string): string {
    return name.replace(/(?! )\s/gu, (space) => `\\u{${(space.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Names of principals that are like the one given. */
function suggestion(user: string, roles: readonly InsideRole[]): string {
    const near = nearest(
        user,
        roles.flatMap(({ name, mapping }) => (mapping === undefined ? [] : [name])),
    );
    return near.length === 0 ? "" : ` Nearest: ${near.map((name) => `"${name}"`).join(", ")}.`;
}

function withoutCase(name: string): string {
    return name.normalize("NFC").toLowerCase();
}

function withoutSpaces(name: string): string {
    return name.replace(/[\s\u200b\ufeff]/g, "");
}
