/** Rights in databases, whichever resource gives them. */
import { placeOf } from "../../../provider/grants/inputs";
import type { PlannedGrant } from "../../../components/access/rights";
import { postgresTypes, textAt } from "../findings";
import { type Preview, type Properties, type Step, notKnownYet } from "../preview";

const typeOf: Record<PlannedGrant["kind"], string> = {
    Grant: postgresTypes.grant,
    DefaultPrivileges: postgresTypes.defaultPrivileges,
    Membership: postgresTypes.membership,
};

/** The preview with each `DatabaseAccess` told grant by grant, as if each were a resource. */
export function grantByGrant(preview: Preview): Preview {
    return {
        ...preview,
        steps: preview.steps.flatMap((step) => (step.type === postgresTypes.databaseAccess ? grantsIn(step) : [step])),
    };
}

function grantsIn(step: Step): Step[] {
    const pairs = new Map<string, { type: string; before: Properties; after: Properties }>();
    for (const when of ["before", "after"] as const) {
        const { role, database, grants } = step[when];
        // A list that isn't known yet says nothing.
        for (const grant of Array.isArray(grants) ? (grants as PlannedGrant[]) : []) {
            const key = JSON.stringify([role, database, placeOf(grant)]);
            const pair = pairs.get(key) ?? { type: typeOf[grant.kind], before: {}, after: {} };
            pair[when] = { role, database, ...grant };
            pairs.set(key, pair);
        }
    }
    // Access is told by the server that it is on: one provider makes that of all servers.
    const provider = textAt({ ...step.before, ...step.after }, "serverName") ?? notKnownYet;
    return [...pairs.values()].map((pair) => ({ ...step, ...pair, provider, operation: operationOf(pair) }));
}

function operationOf({ before, after }: { before: Properties; after: Properties }): Step["operation"] {
    if (Object.keys(before).length === 0) return "Create";
    if (Object.keys(after).length === 0) return "Delete";
    return JSON.stringify(before) === JSON.stringify(after) ? "Keep" : "Update";
}
