/** The example of README, word for word but for where the package is. */
import { ResourceGroup } from "@pulumi/azure-native/resources";
import { EntraPostgres } from "../index";

const group = new ResourceGroup("orders");
const orders = new EntraPostgres("orders", {
    resourceGroupName: group.name,
    server: {
        version: "17",
        sku: { tier: "GeneralPurpose", name: "Standard_D2ds_v5" },
    },
    authentication: { mode: "EntraOnly" },
    administrators: [{ type: "Group", name: "Prod DB Admins" }],
    network: {
        mode: "PublicAccess",
        firewallRules: [{ name: "office", cidr: "203.0.113.0/28" }],
    },
    databases: [{ name: "orders" }],
    access: [
        {
            principal: { type: "Group", name: "Prod DB Readonly" },
            database: "orders",
            profile: "Reader",
        },
    ],
});
export const connect = orders.connect; // commands and connection facts, no secrets
