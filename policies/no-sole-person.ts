import type { StackPolicy } from "./policy";
import { administratorsByServer, at } from "./resources";

export const noSolePerson: StackPolicy = {
    name: "no-sole-person",
    demand: "No person is a server's only Entra administrator.",
    reason: "When that person leaves, or is ill, nobody can sign in to put things right.",
    source: "Manage emergency access admin accounts in Microsoft Entra ID",
    level: "mandatory",
    judgeAll: (resources) =>
        administratorsByServer(resources).flatMap(([, [only, ...others]]) =>
            only !== undefined && others.length === 0 && at(only, "principalType") === "User"
                ? [{ resource: only, message: "This person is the only administrator. Add a group beside them." }]
                : [],
        ),
};
