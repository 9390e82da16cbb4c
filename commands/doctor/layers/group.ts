/** Whether whoever signs in belongs to the group, and whether groups are in sync. */
import { type Finding, fault, passed } from "../findings";
import type { Inside, InsideRole } from "../inside";
import type { Claims } from "./token";

export function judgeGroup({ name, mapping }: InsideRole, inside: Inside, claims: Claims): Finding {
    const sync = `group sync is ${inside.groupSync ? "on" : "off"}`;
    if (mapping?.type !== "group") return passed(`not a group; ${sync}`);
    // A token without the claim leaves the question to the server.
    if (claims.groups === undefined) return passed(`the token lists no groups; ${sync}`);
    if (claims.groups.includes(mapping.objectId)) return passed(`a member of "${name}"; ${sync}`);
    const member = inside.roles.find((role) => role.mapping?.objectId === claims.objectId);
    const isKnown = inside.memberships.some((each) => each.group === name && each.member === member?.name);
    return isKnown && member
        ? fault("TokenOlderThanMembership", `The server has "${member.name}" as a member of "${name}".`)
        : fault("NotAMember", `The token doesn't list group ${mapping.objectId}, for which "${name}" stands.`);
}
