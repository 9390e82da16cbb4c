import { type EgressAnalysis, answersOf } from "../../components/network/analysis/egress-analysis";
import { type Answer, describeRoute, describeRule } from "../../components/network/analysis/reachability";
import { wrapped } from "../wrapped";

const width = 80;
const verdicts = { true: "yes", false: "NO", Undecidable: "unknown" } as const;

/**
 * The answers as lines for a terminal of 80 columns: what was asked, whether it is reached, and the rule and the route that
 * decide. Below an answer that isn't yes stands its explanation.
 */
export function renderEgressTable(analysis: EgressAnalysis): string {
    const rows = answersOf(analysis).flatMap(rowsOf);
    return ["Reached  What, and what decides", ...rows].join("\n");
}

/** Whether everything was found reachable, for a command's exit code. */
export function isReachable(analysis: EgressAnalysis): boolean {
    return answersOf(analysis).every(({ reachable }) => reachable === true);
}

function rowsOf(answer: Answer): string[] {
    const verdict = verdicts[String(answer.reachable) as keyof typeof verdicts];
    const deciding = [
        ...(answer.decidingRule ? [describeRule(answer.decidingRule)] : []),
        ...(answer.decidingRoute ? [describeRoute(answer.decidingRoute)] : []),
    ];
    const [first = "", ...more] = lines(answer.question);
    return [
        `${verdict.padEnd(indent.length)}${first}`,
        ...[...more, ...(answer.reachable === true ? deciding : [answer.explanation]).flatMap(lines)].map(
            (line) => `${indent}${line}`,
        ),
    ];
}

const indent = " ".repeat(9);

function lines(text: string): string[] {
    return wrapped(text, width - indent.length);
}
