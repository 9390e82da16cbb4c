/** The policy pack: `pulumi preview --policy-pack node_modules/pulumi-entra-postgres/policies`. */
import { PolicyPack } from "@pulumi/policy";
import { policies } from "./all";
import { enforced } from "./enforcement";

new PolicyPack("entra-postgres", { policies: policies.map(enforced) });
