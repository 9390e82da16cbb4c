/** What `npm audit --json` says, in three words: clean, vulnerable, or not audited. Pure. */
import { z } from "zod";

const report = z.object({
    vulnerabilities: z.record(
        z.string(),
        z.object({
            name: z.string(),
            severity: z.string(),
            range: z.string().default(""),
            via: z.array(z.union([z.string(), z.object({ title: z.string(), url: z.string().default("") })])),
        }),
    ),
});

const failure = z.object({ message: z.string().optional(), error: z.object({ summary: z.string() }).partial() });

/** From which severity on somebody must act. */
const grave = ["high", "critical"];

export type Verdict =
    | { kind: "Clean"; minor: number }
    | { kind: "Vulnerable"; lines: string[] }
    /** The registry has no audit endpoint, or isn't reached: nothing is known. */
    | { kind: "NotAudited"; reason: string };

export function verdictOf(output: string): Verdict {
    let given: unknown;
    try {
        given = JSON.parse(output);
    } catch {
        return { kind: "NotAudited", reason: output.trim().split("\n")[0] ?? "npm printed nothing" };
    }
    const { data } = report.safeParse(given);
    if (!data) {
        const { message, error } = failure.safeParse(given).data ?? {};
        return { kind: "NotAudited", reason: message ?? error?.summary ?? "npm's answer isn't understood" };
    }
    const all = Object.values(data.vulnerabilities);
    const found = all.filter(({ severity }) => grave.includes(severity));
    if (found.length === 0) return { kind: "Clean", minor: all.length };
    const lines = found.map(({ name, severity, range, via }) => {
        const reasons = via.map((each) =>
            typeof each === "string" ? `by way of ${each}` : `${each.title} ${each.url}`,
        );
        return `${severity}: ${name} ${range}: ${reasons.join("; ")}`;
    });
    return { kind: "Vulnerable", lines };
}
