/** Finds the networks of servers in what `pulumi preview --json` prints. */
import { type EgressAnalysis, analysisFromAzure } from "../../components/network/analysis/egress-analysis";
import { type PreviewedResource, wantedBy } from "../preview-json";
import { nameOf } from "../urn";

/** A delegated subnet of the plan, and what it will reach. */
export interface PlannedSubnet {
    name: string;
    analysis: EgressAnalysis;
}

const delegation = "microsoft.dbforpostgresql/flexibleservers";

/** Analyses every subnet of a preview that is delegated to flexible servers. */
export function subnetsOfPreview(text: string): PlannedSubnet[] {
    return delegatedSubnets(wantedBy(text));
}

/** Analyses every subnet among resources that is delegated to flexible servers. */
export function delegatedSubnets(resources: readonly PreviewedResource[]): PlannedSubnet[] {
    const ofType = (type: string) => resources.filter((resource) => resource.type === `azure-native:network:${type}`);

    return ofType("Subnet")
        .filter(({ inputs }) =>
            JSON.stringify(inputs["delegations"] ?? "")
                .toLowerCase()
                .includes(delegation),
        )
        .map((subnet) => {
            /** What the subnet refers to: by id once it is known, before that by its name in the plan. */
            const attached = (property: string, type: string, children: string, list: string): unknown => {
                const reference = subnet.inputs[property] as { id?: string } | undefined;
                if (reference === undefined) return undefined;
                const candidates = ofType(type);
                const found =
                    candidates.find(({ id }) => id !== undefined && id === reference.id) ??
                    candidates.find(({ urn }) => nameOf(urn) === nameOf(subnet.urn)) ??
                    (candidates.length === 1 ? candidates[0] : undefined);
                const separate = ofType(children).map(({ inputs }) => inputs);
                const inline = found?.inputs[list];
                return {
                    ...found?.inputs,
                    [list]: [...(Array.isArray(inline) ? (inline as unknown[]) : []), ...separate],
                };
            };
            const [network] = ofType("VirtualNetwork").filter(
                ({ inputs }, _, all) =>
                    all.length === 1 || inputs["virtualNetworkName"] === subnet.inputs["virtualNetworkName"],
            );
            const space = (network?.inputs["addressSpace"] as { addressPrefixes?: string[] } | undefined)
                ?.addressPrefixes;
            return {
                name: nameOf(subnet.urn),
                analysis: analysisFromAzure(
                    attached("networkSecurityGroup", "NetworkSecurityGroup", "SecurityRule", "securityRules"),
                    attached("routeTable", "RouteTable", "Route", "routes"),
                    subnet.inputs,
                    space ? { addressSpace: space } : {},
                ),
            };
        });
}
