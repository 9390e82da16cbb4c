/** The roles that a preview names. */
import { postgresTypes, shown, textAt } from "../findings";
import type { Preview, Properties, Step } from "../preview";

/** What is known of the roles that the preview names. */
export class Directory {
    readonly #kinds = new Map<string, string>();
    readonly #operations = new Map<string, Step["operation"]>();
    readonly administrators: ReadonlySet<string>;

    constructor({ steps }: Preview) {
        const administrators = new Set<string>();
        for (const step of steps) {
            for (const inputs of [step.before, step.after]) {
                if (step.type === postgresTypes.principal) this.#note(textAt(inputs, "name"), inputs, step);
                if (step.type === postgresTypes.administrator) {
                    this.#note(textAt(inputs, "principalName"), inputs, step);
                    administrators.add(textAt(inputs, "principalName") ?? "");
                }
            }
        }
        this.administrators = administrators;
    }

    #note(name: string | undefined, inputs: Properties, { type, operation }: Step): void {
        if (name === undefined) return;
        this.#kinds.set(name, kindOf(inputs));
        if (type === postgresTypes.principal) this.#operations.set(name, operation);
    }

    /** `group Prod DB Readonly`. */
    describe(role: string): string {
        if (role === "public") return "everybody (`PUBLIC`)";
        return `${this.#kinds.get(role) ?? "role"} ${shown(role)}`;
    }

    isNew(role: string): boolean {
        return this.#operations.get(role) === "Create";
    }

    isGoing(role: string): boolean {
        return this.#operations.get(role) === "Delete";
    }
}

export function kindOf(inputs: Properties): string {
    const type = textAt(inputs, "type") ?? textAt(inputs, "principalType");
    return { User: "user", Group: "group", ServicePrincipal: "application" }[type ?? ""] ?? "role";
}
