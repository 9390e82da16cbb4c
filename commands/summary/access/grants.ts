/** What roles may do in databases. */
import { nameOf } from "../../urn";
import { type Finding, grouped, inputsOf, postgresTypes, shown, textAt } from "../findings";
import { code, enumerate } from "../markdown";
import { type Preview, type Step, notKnownYet } from "../preview";
import type { Directory } from "./directory";
import { type Held, inWords, reachOf } from "./privileges";

/** A privilege on one object type in one place, before and after. */
interface Holding extends Omit<Held, "privileges"> {
    /** The provider's URN, or the server's name: two servers may have databases and roles of one name. */
    provider: string;
    role: string;
    database: string;
    before: Set<string>;
    after: Set<string>;
}

/** A role, what it gains or loses, and where. */
interface Line {
    provider: string;
    role: string;
    words: string;
    reach: string;
    databases: string[];
}

/** Grants by what they are about, whichever resources make them: a grant that only changes hands is no change. */
function holdings(steps: readonly Step[]): Holding[] {
    const byPlace = new Map<string, Holding>();
    for (const step of steps) {
        const isFuture = step.type === postgresTypes.defaultPrivileges;
        if (!isFuture && step.type !== postgresTypes.grant) continue;
        for (const [when, inputs] of [["before", step.before] as const, ["after", step.after] as const]) {
            if (Object.keys(inputs).length === 0) continue;
            const place = {
                provider: step.provider,
                role: textAt(inputs, "role") ?? notKnownYet,
                database: textAt(inputs, "database") ?? notKnownYet,
                objectType: Array.isArray(inputs["columns"]) ? "column" : (textAt(inputs, "objectType") ?? "table"),
                schema: textAt(inputs, "schema"),
                objects: texts(inputs["objects"]),
                isFuture,
            };
            const key = JSON.stringify([...Object.values(place), textAt(inputs, "owner"), inputs["columns"]]);
            const holding = byPlace.get(key) ?? { ...place, before: new Set(), after: new Set() };
            for (const privilege of texts(inputs["privileges"])) holding[when].add(privilege);
            byPlace.set(key, holding);
        }
    }
    return [...byPlace.values()];
}

export function texts(value: unknown): string[] {
    return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
}

export function grantChanges({ steps }: Preview, directory: Directory): Finding[] {
    const isKept = keptByRevocation(steps, directory);
    const all = holdings(steps).filter((holding) => holding.role !== "public" && !isKept(holding));
    const hasSeveral = new Set(all.map(({ provider }) => provider)).size > 1;
    return (["now", "no longer"] as const).flatMap((when) => {
        const [from, to] = when === "now" ? (["before", "after"] as const) : (["after", "before"] as const);
        const moved = all.flatMap((holding) => {
            const privileges = [...holding[to]].filter((privilege) => !holding[from].has(privilege));
            return privileges.length === 0 ? [] : [{ ...holding, privileges }];
        });
        // One line for a role and what it may do, however many databases it is about.
        const lines = new Map<string, Line>();
        const places = grouped(moved, ({ provider, role, database }) => JSON.stringify([provider, role, database]));
        for (const [first, ...others] of places.values()) {
            if (!first) continue;
            const { provider, role, database } = first;
            const held = [first, ...others];
            const line = { provider, role, words: inWords(held), reach: reachOf(held), databases: [] };
            const key = JSON.stringify([provider, role, line.words, line.reach]);
            const same = lines.get(key) ?? line;
            same.databases.push(database);
            lines.set(key, same);
        }
        return [...lines.values()].map(({ provider, role, words, reach, databases }): Finding => {
            const where =
                `database${databases.length > 1 ? "s" : ""} ${enumerate(databases.map(shown))}` +
                (hasSeveral ? through(provider) : "");
            const state = when === "now" && directory.isNew(role) ? "new " : "";
            return {
                text: `${state}${directory.describe(role)} **may ${when} ${words}** on ${where}${reach === "" ? "" : ` (${reach})`}.`,
                ...(when === "now" && { widensAccess: true }),
            };
        });
    });
}

function through(provider: string): string {
    const isUrn = provider.startsWith("urn:");
    return isUrn ? ` through provider ${code(nameOf(provider))}` : ` on server ${shown(provider)}`;
}

/**
 * When PUBLIC loses a database, administrators are granted what they had as part of PUBLIC: they gain nothing by it. The
 * type in the URN tells such a grant.
 */
function keptByRevocation(steps: readonly Step[], { administrators }: Directory): (holding: Holding) => boolean {
    const component = "entra-postgres:index:PublicRevocation$";
    const ofRevocation = steps.filter(({ type, urn }) => type === postgresTypes.grant && urn.includes(component));
    const revoked = ofRevocation
        .filter((step) => step.operation !== "Keep" && inputsOf(step)["role"] === "public")
        .map((step) => textAt(inputsOf(step), "database"));
    const kept = new Set(
        ofRevocation
            .map((step) => inputsOf(step))
            .filter(
                (inputs) =>
                    administrators.has(textAt(inputs, "role") ?? "") || revoked.includes(textAt(inputs, "database")),
            )
            .map((inputs) => JSON.stringify([inputs["role"], inputs["database"]])),
    );
    return ({ role, database, objectType }) => objectType === "database" && kept.has(JSON.stringify([role, database]));
}
