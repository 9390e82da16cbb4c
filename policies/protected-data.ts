import type { ResourcePolicy } from "./policy";

const kept = ["azure-native:dbforpostgresql:Server", "azure-native:dbforpostgresql:Database"];

export const protectedData: ResourcePolicy = {
    name: "protected-data",
    demand: "A production server and its databases are protected.",
    reason: "Without protection a mistaken name in a program is enough to delete the data.",
    source: "Resource option: protect (Pulumi)",
    level: "mandatory",
    production: true,
    judge({ type, protect }) {
        if (!kept.includes(type) || protect) return undefined;
        return "It isn't protected: a mistaken deletion would go through. Set the resource option protect.";
    },
};
