/** Whether the network that the server is in lets it reach Entra, and lets clients in. */
import type { EgressAnalysis } from "../../../components/network/analysis/egress-analysis";
import { type Fault, fault } from "../findings";

/** The fault in the way to Entra, if rules and routes are known and hold one. */
export function egressFault(analysis: EgressAnalysis | undefined): Fault | undefined {
    return analysis?.entra.reachable === false ? fault("EgressBlocked", analysis.entra.explanation) : undefined;
}

/** The rule in the way of clients, if rules are known and one is. */
export function inboundFault(analysis: EgressAnalysis | undefined): Fault | undefined {
    const blocked = analysis?.clients.find(({ reachable }) => reachable === false);
    return blocked && fault("InboundBlocked", `${blocked.question}: ${blocked.explanation}`);
}
