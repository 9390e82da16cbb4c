/** Roles that are members of others. */
import { type Finding, gainsAndLosses, postgresTypes, shown, textAt } from "../findings";
import { type Preview, type Properties, notKnownYet } from "../preview";
import type { Directory } from "./directory";

/** Roles that reach beyond one database. Source: PostgreSQL, "Predefined Roles". */
const farReaching: Record<string, string> = {
    pg_read_all_data: "reads everything in every database",
    pg_write_all_data: "changes everything in every database",
    azure_pg_admin: "administers the whole server",
};

export function membershipChanges({ steps }: Preview, directory: Directory): Finding[] {
    return steps
        .filter(({ type }) => type === postgresTypes.membership)
        .flatMap((step): Finding[] => {
            const told = (inputs: Properties, verb: string): string => {
                const group = textAt(inputs, "grantRole") ?? notKnownYet;
                const reach = farReaching[group];
                const meaning = reach === undefined ? "what that role may do, this one may" : `which ${reach}`;
                return `${directory.describe(textAt(inputs, "role") ?? notKnownYet)} **${verb}** ${shown(group)}, ${meaning}.`;
            };
            return gainsAndLosses(
                step,
                (inputs) => ({ text: told(inputs, "becomes a member of"), widensAccess: true }),
                (inputs) => ({ text: told(inputs, "is no longer a member of") }),
            );
        });
}
