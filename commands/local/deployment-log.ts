/** Turns the engine's events into lines that a person follows, and into what went wrong. */
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { colours } from "../colours";
import { nameOf, typeOf } from "../urn";

/** A resource that failed, and what was answered. */
export interface Failure {
    type: string;
    name: string;
    message: string;
}

const signs: Partial<Record<string, string>> = {
    create: colours.green("+"),
    update: colours.yellow("~"),
    delete: colours.red("-"),
    replace: colours.red("±"),
};

export class DeploymentLog {
    readonly failures: Failure[] = [];

    constructor(private readonly change: (sign: string, text: string) => void) {}

    /** Takes an event; writes a line for each resource that was changed. */
    readonly take = (event: EngineEvent): void => {
        const done = event.resOutputsEvent;
        if (done) {
            const { op, urn, type } = done.metadata;
            const sign = signs[op];
            if (sign !== undefined && done.planning !== true && !type.startsWith("pulumi:")) {
                this.change(sign, `${shortType(type).padEnd(30)} ${nameOf(urn)}`);
            }
        }
        const { severity, message = "", urn = "" } = event.diagnosticEvent ?? {};
        if (severity === "error") {
            const text = message.replace(/<\{%[a-z0-9]*%\}>/g, "").trim();
            if (text !== "update failed" && text !== "preview failed") {
                this.failures.push({ type: typeOf(urn), name: nameOf(urn), message: text });
            }
        }
    };
}

/** What to do about a failure, from what the service answered. */
export function adviceFor({ message }: Failure): string {
    const known: [RegExp, string][] = [
        [/faults? in its arguments/, "Correct the arguments named above."],
        [/Pulumi\.\w+\.yaml has/, "Correct that file under stacks/."],
        [/ServerIsBusy|NotAccessible/, "Run the same command again: it goes on from where it stopped."],
        [
            /found in the tenant|No (user|group|service principal) found/,
            "Write the name exactly as the directory has it, or give the object id.",
        ],
        [/isn't unique|Found multiple/, "Give the object id."],
        [/no pg_hba\.conf entry/, "Add a firewall rule for this machine's address."],
        [/allowReplacement/, "Follow what is said above, or keep the server as it is."],
    ];
    return (
        known.find(([pattern]) => pattern.test(message))?.[1] ??
        "Correct what is named above, then run the same command again."
    );
}

function shortType(type: string): string {
    return type.split(":").at(-1) ?? type;
}
