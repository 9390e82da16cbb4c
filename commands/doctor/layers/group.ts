/** Whether whoever signs in belongs to the group, and whether groups are in sync. */
import { type Finding, fault, passed } from "../findings";
import type { Inside, InsideRole } from "../inside";
import { type Claims, moment } from "./token";

export function judgeGroup({ name, mapping }: InsideRole, inside: Inside, claims: Claims): Finding {
    const sync = describeSync(inside);
    if (mapping?.type !== "group") return passed(`not a group; ${sync}`);
    if (claims.leavesGroupsOut) return passed(`the token lists no groups, there are too many; ${sync}`);
    // A token without the claim leaves the question to the server.
    if (claims.groups === undefined) return passed(`the token lists no groups; ${sync}`);
    if (claims.groups.includes(mapping.objectId)) return passed(`a member of "${name}"; ${sync}`);
    const member = inside.roles.find((role) => role.mapping?.objectId === claims.objectId);
    const isKnown = inside.memberships.some((each) => each.group === name && each.member === member?.name);
    return isKnown && member
        ? fault("TokenOlderThanMembership", `The server has "${member.name}" as a member of "${name}".`)
        : fault("NotAMember", `The token doesn't list group ${mapping.objectId}, for which "${name}" stands.`);
}

/** The state of group sync; the service keeps no time of it, but PostgreSQL may know when a membership changed last. */
function describeSync({ groupSync, membershipsChanged }: Inside): string {
    if (!groupSync) return "group sync is off";
    return membershipsChanged === undefined
        ? "group sync is on"
        : `group sync is on, members changed last at ${moment(membershipsChanged)}`;
}
