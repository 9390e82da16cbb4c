/** How people and applications sign in to a server from now on. */
import { type Finding, at, postgresTypes, serverOf, shown, textAt } from "./findings";
import type { Preview, Properties, Step } from "./preview";

export function authentication({ steps }: Preview): Finding[] {
    return steps
        .filter(({ type, operation }) => type === postgresTypes.server && operation !== "Keep")
        .flatMap((step): Finding[] => {
            switch (step.operation) {
                case "Create":
                    return [
                        {
                            text: `new ${serverOf(step)}: ${modeOf(step.after)} sign in.`,
                            widensAccess: takesPasswords(step.after),
                        },
                    ];
                case "Update":
                case "Replace":
                    return changes(step);
                default:
                    return [];
            }
        });
}

function takesPasswords(inputs: Properties): boolean {
    // The service takes passwords unless it is told not to.
    return at(inputs, "authConfig.passwordAuth") !== "Disabled";
}

function takesEntra(inputs: Properties): boolean {
    return at(inputs, "authConfig.activeDirectoryAuth") === "Enabled";
}

function modeOf(inputs: Properties): string {
    if (!takesPasswords(inputs)) return "**Entra principals only**";
    return takesEntra(inputs) ? "**Entra principals and roles with passwords**" : "**roles with passwords only**";
}

function changes(step: Step): Finding[] {
    const { before, after, changed } = step;
    const server = serverOf(step);
    const findings: Finding[] = [];
    const [old, now] = [modeOf(before), modeOf(after)];
    if (old !== now) {
        const widensAccess =
            (!takesPasswords(before) && takesPasswords(after)) || (!takesEntra(before) && takesEntra(after));
        const lost = takesPasswords(before) && !takesPasswords(after);
        findings.push({
            text: `${server}: until now ${old} signed in, from now on ${now}.`,
            ...(lost && { details: ["Applications that sign in with a password stop working."] }),
            widensAccess,
        });
    }
    const tenants = [textAt(before, "authConfig.tenantId"), textAt(after, "authConfig.tenantId")];
    if (tenants[0] !== tenants[1] && tenants[0] !== undefined) {
        findings.push({
            text: `${server} takes tokens of **another tenant**: ${tenants.map(shown).join(" → ")}.`,
            widensAccess: true,
        });
    }
    if (before["administratorLogin"] !== after["administratorLogin"] && after["administratorLogin"] !== undefined) {
        findings.push({
            text: `${server}: the PostgreSQL administrator is ${shown(after["administratorLogin"])}, until now ${shown(before["administratorLogin"])}.`,
        });
    }
    if (changed.some((path) => path.startsWith("administratorLoginPassword")) && takesPasswords(after)) {
        findings.push({ text: `${server}: the PostgreSQL administrator's **password changes** (it isn't shown).` });
    }
    return findings;
}
