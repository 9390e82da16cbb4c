import * as pulumi from "@pulumi/pulumi";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup";
import { EntraPostgres } from "../index";
import { withLifetime } from "./ephemeral";
import { networkOf } from "./network";
import { readSettings } from "./settings";

/** The program of every environment: what differs stands in `Pulumi.<environment>.yaml`. */
function program() {
    const { resourceGroup, network, ...settings } = withLifetime(readSettings(new pulumi.Config()), pulumi.getStack());

    const group = new ResourceGroup("orders", {
        resourceGroupName: resourceGroup.name,
        location: resourceGroup.location,
        ...("tags" in resourceGroup && { tags: resourceGroup.tags }),
    });
    const orders = new EntraPostgres("orders", {
        ...settings,
        resourceGroupName: group.name,
        network: networkOf(network, group.name),
    });

    return { host: orders.host, connect: orders.connect };
}

// The engine calls the function that a program's main module is.
export = program;
