import type { Fault } from "../faults";
import { type EgressAnalysis, answersOf } from "./analysis/egress-analysis";

/**
 * The faults of a network in which a server with Entra sign-in can't work. What can't be decided yet isn't refused: it is
 * asked again when everything is known.
 */
export function validateReachability(analysis: EgressAnalysis): Fault[] {
    return answersOf(analysis)
        .filter(({ reachable }) => reachable === false)
        .map(({ question, decidingRule, explanation }) => ({
            field: decidingRule ? "networkSecurityGroup" : "routeTable",
            given: explanation,
            allowed: `${question}, which the server needs`,
            fix: decidingRule
                ? "Give the denying rule a higher number than the priorities set aside here, or take it away."
                : "Let the route table take this traffic past the firewall, or have the firewall let it through.",
        }));
}
