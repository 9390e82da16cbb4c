/** Whether servers in delegated subnets reach Entra, before and after. */
import { answersOf } from "../../../components/network/analysis/egress-analysis";
import { type PlannedSubnet, delegatedSubnets } from "../../network/plan-from-preview";
import type { PreviewedResource } from "../../preview-json";
import type { Finding } from "../findings";
import { code, count, enumerate } from "../markdown";
import type { Preview, Step } from "../preview";

export function entraEgress({ steps, showsUnchanged }: Preview): Finding[] {
    const isOfEgress = ({ type }: Step): boolean =>
        /^azure-native:network:(Subnet|NetworkSecurityGroup|SecurityRule|RouteTable|Route)$/.test(type);
    const touched = steps.filter((step) => isOfEgress(step) && step.operation !== "Keep");
    if (touched.length === 0) return [];
    const isWhole = showsUnchanged || steps.every(({ operation }) => operation === "Create");
    if (!isWhole) {
        const rules = touched.filter(({ type }) => !type.endsWith(":Subnet"));
        if (rules.length === 0) return [];
        return [
            {
                text:
                    `Whether Entra is still reached can't be told: ${count(rules.length, "rule or route", "rules or routes")} changed, ` +
                    "and unchanged ones aren't in this preview. `--show-sames` puts them in.",
            },
        ];
    }
    const analyse = (when: "before" | "after"): PlannedSubnet[] =>
        delegatedSubnets(
            steps.flatMap((step): PreviewedResource[] =>
                Object.keys(step[when]).length === 0
                    ? []
                    : [{ urn: step.urn, type: step.type, id: step.id, inputs: step[when] }],
            ),
        );
    const [before, after] = [analyse("before"), analyse("after")];
    return after.flatMap(({ name, analysis }) => {
        const old = before.find((subnet) => subnet.name === name);
        return answersOf(analysis).flatMap((answer): Finding[] => {
            const was = old && answersOf(old.analysis).find(({ question }) => question === answer.question)?.reachable;
            if (was === answer.reachable || (!old && answer.reachable === true)) return [];
            const verb =
                answer.reachable === true ? "reaches" : `**${was === true ? "no longer reaches" : "doesn't reach"}**`;
            const decides = [
                ...(answer.decidingRule ? [`security rule ${code(answer.decidingRule.name)}`] : []),
                ...(answer.decidingRoute ? [`route ${code(answer.decidingRoute.name)}`] : []),
            ];
            const why = decides.length === 0 ? "" : `; what decides is ${enumerate(decides)}`;
            const perhaps = answer.reachable === "Undecidable" ? " as far as the preview tells" : "";
            return [
                {
                    text: `a server in delegated subnet ${code(name)} ${verb} ${answer.question}${perhaps}${why}.`,
                    breaksSignIn: answer === analysis.entra && answer.reachable !== true,
                },
            ];
        });
    });
}
