import type { PlannedGrant } from "../../components/access/rights";
import { bareName } from "../principal/difference";
import { type Difference, type Properties, UNKNOWN, hasUnknown } from "../protocol/implementation";
import { placeOf, readAccess } from "./inputs";

/** What differs between access as it was and as it is wanted; no connection is made. */
export function accessDifferences(oldInputs: Properties, inputs: Properties): Difference {
    const [before, after] = [readAccess(oldInputs), readAccess(inputs)];
    const changes: Difference["changes"] = {};
    if (inputs["serverName"] === UNKNOWN || bareName(before.serverName) !== bareName(after.serverName)) {
        changes["serverName"] = "update-replace";
    }
    for (const property of ["database", "role"] as const) {
        if (before[property] !== after[property]) changes[property] = "update-replace";
    }
    if (before.signInAs !== after.signInAs) changes["signInAs"] = "update";
    if (hasUnknown(after.grants) || normalized(before.grants) !== normalized(after.grants)) {
        changes["grants"] = "update";
    }
    return { changes, stables: ["serverName", "database"] };
}

/** Grants and privileges are sets: their order is no difference. */
function normalized(grants: readonly PlannedGrant[]): string {
    return JSON.stringify(
        grants
            .map((grant) => [placeOf(grant), grant.kind === "Membership" ? [] : [...grant.privileges].sort()] as const)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
}
