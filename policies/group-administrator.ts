import type { StackPolicy } from "./policy";
import { administratorsByServer, at, differs } from "./resources";

export const groupAdministrator: StackPolicy = {
    name: "group-administrator",
    demand: "At least one Entra administrator of a server is a group.",
    reason: "Who administers then changes in Entra, with its reviews, and not on every server.",
    source: "Manage Microsoft Entra users in Azure Database for PostgreSQL",
    level: "mandatory",
    judgeAll: (resources) =>
        administratorsByServer(resources)
            .filter(([, own]) => own.every((each) => differs(at(each, "principalType"), "Group")))
            .map(([resource]) => ({
                resource,
                message: "No administrator of the server is a group. Make one of its administrators an Entra group.",
            })),
};
