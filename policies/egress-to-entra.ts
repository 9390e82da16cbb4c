import { answersOf } from "../components/network/analysis/egress-analysis";
import { delegatedSubnets } from "../commands/network/plan-from-preview";
import type { StackPolicy } from "./policy";

export const egressToEntra: StackPolicy = {
    name: "egress-to-entra",
    demand: "A delegated subnet lets the server reach Microsoft Entra.",
    reason: "A server that can't reach Entra can't check tokens: nobody signs in.",
    source: "Network with private access for Azure Database for PostgreSQL flexible server",
    level: "mandatory",
    judgeAll: (resources) =>
        delegatedSubnets(resources.map(({ urn, type, properties }) => ({ urn, type, inputs: properties }))).flatMap(
            ({ name, analysis }) => {
                const resource = resources.find((each) => each.type.endsWith(":Subnet") && each.name === name);
                const [entra] = answersOf(analysis);
                return resource && entra?.reachable === false ? [{ resource, message: entra.explanation }] : [];
            },
        ),
};
