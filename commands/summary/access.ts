/** Who gains and who loses access, in plain words. */
import { groupSyncParameter } from "../../components/server/parameters";
import { type Finding, inputsOf, postgresTypes, serverOf, shown, textAt } from "./findings";
import { code, enumerate } from "./markdown";
import { type Preview, type Properties, type Step, notKnownYet } from "./preview";
import { type Held, inWords, reachOf } from "./privileges";

/** Gains come before losses. */
export function access(preview: Preview): Finding[] {
    const directory = new Directory(preview);
    const findings = [
        ...administratorChanges(preview),
        ...principalChanges(preview),
        ...roleChanges(preview),
        ...grantChanges(preview, directory),
        ...membershipChanges(preview, directory),
        ...publicChanges(preview),
        ...groupSyncChanges(preview),
        ...azureChanges(preview),
    ];
    return [
        ...findings.filter(({ widensAccess }) => widensAccess),
        ...findings.filter(({ widensAccess }) => !widensAccess),
    ];
}

/** What is known of the roles that the preview names. */
class Directory {
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

function kindOf(inputs: Properties): string {
    const type = textAt(inputs, "type") ?? textAt(inputs, "principalType");
    return { User: "user", Group: "group", ServicePrincipal: "application" }[type ?? ""] ?? "role";
}

function administratorChanges({ steps }: Preview): Finding[] {
    return steps
        .filter(({ type }) => type === postgresTypes.administrator)
        .flatMap((step): Finding[] => {
            const [old, now] = [step.before, step.after].map(
                (inputs) => `${kindOf(inputs)} ${shown(textAt(inputs, "principalName"))}`,
            ) as [string, string];
            switch (step.operation) {
                case "Create":
                    return [
                        {
                            text: `${now} **becomes administrator** of ${serverOf(step)}: everything in every database, and making other principals.`,
                            widensAccess: true,
                        },
                    ];
                case "Delete":
                    return [{ text: `${old} is **no longer administrator** of ${serverOf(step)}.` }];
                case "Replace": {
                    const isSame = textAt(step.before, "objectId") === textAt(step.after, "objectId");
                    return [
                        {
                            text: isSame
                                ? `administrator ${old} is registered anew as ${now} on ${serverOf(step)}, and is missing in between.`
                                : `${now} **becomes administrator** of ${serverOf(step)} in the place of ${old}.`,
                            widensAccess: !isSame,
                        },
                    ];
                }
                default:
                    return [];
            }
        });
}

function principalChanges({ steps }: Preview): Finding[] {
    const principals = steps.filter(({ type }) => type === postgresTypes.principal);
    const objectOf = ({ before, after, outputs }: Step): string | undefined =>
        textAt(after, "objectId") ?? textAt(before, "objectId") ?? textAt(outputs, "objectId");
    return principals.flatMap((step): Finding[] => {
        const { before, after, operation } = step;
        const who = (inputs: Properties): string => `${kindOf(inputs)} ${shown(textAt(inputs, "name"))}`;
        switch (operation) {
            case "Create": {
                const object = objectOf(step);
                const namesake = principals.find(
                    (other) => other.operation === "Delete" && object !== undefined && objectOf(other) === object,
                );
                const canLogin = after["canLogin"] !== false;
                return [
                    {
                        text: canLogin
                            ? `${who(after)} **gains sign-in** to ${serverOf(step)}, as a new role.`
                            : `${who(after)} gets a role on ${serverOf(step)}; only its members sign in, as themselves.`,
                        details: [
                            ...(namesake
                                ? [
                                      `The same Entra object as ${who(namesake.before)}, whose role goes: what that role owns doesn't come along.`,
                                  ]
                                : []),
                            ...(after["isAdmin"] === true ? [becomesAdministrator] : []),
                        ],
                        widensAccess: true,
                    },
                ];
            }
            case "Delete": {
                const heir = textAt(before, "reassignOwnedTo");
                return [
                    {
                        text: `${who(before)} **loses sign-in** to ${serverOf(step)}: its role is dropped.`,
                        details: [
                            heir === undefined
                                ? "Refused while the role owns anything."
                                : `What it owns goes to ${shown(heir)}.`,
                        ],
                    },
                ];
            }
            case "Update":
            case "Replace":
                return [
                    ...(operation === "Replace"
                        ? [
                              {
                                  text: `${who(after)} moves from server ${shown(textAt(before, "serverName"))} to ${serverOf(step)}.`,
                                  widensAccess: true,
                              },
                          ]
                        : []),
                    ...principalUpdates(step, who),
                ];
            default:
                return [];
        }
    });
}

const becomesAdministrator = "It may create roles, databases and other principals.";

function principalUpdates({ before, after, changed }: Step, who: (inputs: Properties) => string): Finding[] {
    const differs = (property: string): boolean => before[property] !== after[property];
    const findings: Finding[] = [];
    const add = (text: string, widensAccess = false): void => {
        findings.push({ text: `${who(after)} ${text}`, widensAccess });
    };
    if (differs("name")) {
        findings.push({
            text: `${who(before)} is **renamed** ${shown(textAt(after, "name"))}, with everything it may do.`,
        });
    }
    const isOther = differs("type") || (changed.includes("objectId") && after["objectId"] !== undefined);
    if (isOther) {
        const object = shown(after["objectId"]);
        add(`**stands for another Entra object**, ${object}: that object gains everything the role may do.`, true);
    }
    const flag = (property: string, whenAbsent: boolean): [before: boolean, after: boolean] => {
        const read = (inputs: Properties): boolean => (inputs[property] as boolean | undefined) ?? whenAbsent;
        return [read(before), read(after)];
    };
    const [wasAdmin, isAdmin] = flag("isAdmin", false);
    if (!wasAdmin && isAdmin)
        add("**becomes administrator**: it may create roles, databases and other principals.", true);
    if (wasAdmin && !isAdmin) add("is **no longer administrator**.");
    const [couldLogin, canLogin] = flag("canLogin", true);
    if (!couldLogin && canLogin) add("**may sign in as itself again**, members as the group too.", true);
    if (couldLogin && !canLogin) add("**no longer signs in itself**: members of a group sign in as themselves.");
    const [neededMfa, needsMfa] = flag("isMfa", false);
    if (neededMfa && !needsMfa) add("**needs no multifactor authentication** any more.", true);
    if (!neededMfa && needsMfa) add("needs multifactor authentication from now on.");
    return findings;
}

/** Roles that are no Entra principals. */
function roleChanges({ steps }: Preview): Finding[] {
    return steps
        .filter(({ type }) => type === postgresTypes.role)
        .flatMap((step): Finding[] => {
            const name = shown(textAt(inputsOf(step), "name") ?? step.name);
            switch (step.operation) {
                case "Create":
                    return [
                        {
                            text: `role ${name} is made${step.after["login"] === true ? " and **may sign in** with a password" : ""}.`,
                            widensAccess: step.after["login"] === true || step.after["superuser"] === true,
                        },
                    ];
                case "Delete":
                    return [{ text: `role ${name} is dropped.` }];
                case "Update":
                case "Replace": {
                    const powers = ["login", "superuser", "createRole", "createDatabase", "bypassRowLevelSecurity"];
                    const gained = powers.filter((power) => step.before[power] !== true && step.after[power] === true);
                    const members = step.changed.some((path) => path.startsWith("roles"));
                    return [
                        {
                            text: `role ${name} changes: ${enumerate(step.changed.map(code))}.`,
                            widensAccess: gained.length > 0 || members,
                        },
                    ];
                }
                default:
                    return [];
            }
        });
}

/** A privilege on one object type in one place, before and after. */
interface Holding extends Omit<Held, "privileges"> {
    role: string;
    database: string;
    before: Set<string>;
    after: Set<string>;
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

function texts(value: unknown): string[] {
    return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
}

function grantChanges({ steps }: Preview, directory: Directory): Finding[] {
    const isKept = keptByRevocation(steps, directory);
    const all = holdings(steps).filter((holding) => holding.role !== "public" && !isKept(holding));
    return (["gains", "loses"] as const).flatMap((verb) => {
        const [from, to] = verb === "gains" ? (["before", "after"] as const) : (["after", "before"] as const);
        const moved = all.flatMap((holding) => {
            const privileges = [...holding[to]].filter((privilege) => !holding[from].has(privilege));
            return privileges.length === 0 ? [] : [{ ...holding, privileges }];
        });
        // One line for a role and what it may do, however many databases it is about.
        const lines = new Map<string, { role: string; words: string; reach: string; databases: string[] }>();
        for (const [, held] of grouped(moved, ({ role, database }) => JSON.stringify([role, database]))) {
            const { role, database } = held[0] ?? { role: "", database: "" };
            const line = { role, words: inWords(held), reach: reachOf(held), databases: [] };
            const key = JSON.stringify([role, line.words, line.reach]);
            const same = lines.get(key) ?? line;
            same.databases.push(database);
            lines.set(key, same);
        }
        return [...lines.values()].map(({ role, words, reach, databases }): Finding => {
            const where = `database${databases.length > 1 ? "s" : ""} ${enumerate(databases.map(shown))}`;
            const state = verb === "gains" && directory.isNew(role) ? "new " : "";
            return {
                text: `${state}${directory.describe(role)} **${verb} ${words}** on ${where}${reach === "" ? "" : ` (${reach})`}.`,
                ...(verb === "gains" && { widensAccess: true }),
            };
        });
    });
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
    const groups = new Map<string, T[]>();
    for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
    return groups;
}

/**
 * When PUBLIC loses a database, administrators are granted what they had as part of PUBLIC: they gain nothing by it. The
 * type in the URN tells such a grant.
 */
function keptByRevocation(steps: readonly Step[], { administrators }: Directory): (holding: Holding) => boolean {
    const component = "entra-postgres:index:PublicRevocation$";
    const ofRevocation = steps.filter(({ type, urn }) => type === postgresTypes.grant && urn.includes(component));
    const revoked = ofRevocation
        .filter((step) => inputsOf(step)["role"] === "public")
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

/** Roles that reach beyond one database. Source: PostgreSQL, "Predefined Roles". */
const farReaching: Record<string, string> = {
    pg_read_all_data: "reads everything in every database",
    pg_write_all_data: "changes everything in every database",
    azure_pg_admin: "administers the whole server",
};

function membershipChanges({ steps }: Preview, directory: Directory): Finding[] {
    return steps
        .filter(({ type }) => type === postgresTypes.membership)
        .flatMap((step): Finding[] => {
            const told = (inputs: Properties, verb: string): string => {
                const group = textAt(inputs, "grantRole") ?? notKnownYet;
                const reach = farReaching[group];
                const meaning = reach === undefined ? "what that role may do, this one may" : `which ${reach}`;
                return `${directory.describe(textAt(inputs, "role") ?? notKnownYet)} **${verb}** ${shown(group)}, ${meaning}.`;
            };
            const joins = { text: told(step.after, "becomes a member of"), widensAccess: true };
            const leaves = { text: told(step.before, "is no longer a member of") };
            switch (step.operation) {
                case "Create":
                    return [joins];
                case "Delete":
                    return [leaves];
                case "Update":
                case "Replace":
                    return [joins, leaves];
                default:
                    return [];
            }
        });
}

/** What everybody with a role on the server may do. */
function publicChanges({ steps }: Preview): Finding[] {
    const isPublic = ({ type, before, after }: Step): boolean =>
        type === postgresTypes.grant && (before["role"] === "public" || after["role"] === "public");
    const goes = ({ before }: Step): boolean =>
        steps.some(
            ({ type, operation, before: database }) =>
                type === postgresTypes.database &&
                operation === "Delete" &&
                database["databaseName"] === before["database"],
        );
    return steps
        .filter((step) => isPublic(step) && !goes(step))
        .flatMap((step): Finding[] => {
            const { before, after, operation } = step;
            const inputs = inputsOf(step);
            const schema = textAt(inputs, "schema");
            const place =
                `database ${shown(textAt(inputs, "database"))}` +
                (schema === undefined ? "" : `, schema ${shown(schema)}`);
            const held = (privileges: string[]): string =>
                inWords([
                    {
                        objectType: textAt(inputs, "objectType") ?? "",
                        schema,
                        objects: [],
                        isFuture: false,
                        privileges,
                    },
                ]);
            const [had, has] = [texts(before["privileges"]), texts(after["privileges"])];
            const gained = has.filter((privilege) => !had.includes(privilege));
            const lost = had.filter((privilege) => !has.includes(privilege));
            const everybody = "everybody with a role on the server (`PUBLIC`)";
            switch (operation) {
                case "Create":
                    return has.length === 0
                        ? [
                              {
                                  text: `${everybody} **loses** connecting to ${place}, and temporary tables in it; administrators keep both.`,
                              },
                          ]
                        : [
                              {
                                  text: `${everybody} is left with **${held(has)}** on ${place}, and nothing else there.`,
                                  widensAccess: !isDefault(inputs, has),
                              },
                          ];
                case "Delete":
                    return had.length === 0
                        ? [
                              {
                                  text: `${place}: the stack no longer keeps \`PUBLIC\` out. Nothing is given back by that alone.`,
                              },
                          ]
                        : [{ text: `${everybody} **loses ${held(had)}** on ${place}.` }];
                case "Update":
                case "Replace":
                    return [
                        ...(gained.length === 0
                            ? []
                            : [{ text: `${everybody} **gains ${held(gained)}** on ${place}.`, widensAccess: true }]),
                        ...(lost.length === 0 ? [] : [{ text: `${everybody} **loses ${held(lost)}** on ${place}.` }]),
                    ];
                default:
                    return [];
            }
        });
}

/** What PostgreSQL gives to PUBLIC anyway. Source: PostgreSQL, "Privileges". */
function isDefault({ objectType }: Properties, privileges: string[]): boolean {
    const defaults = { database: ["CONNECT", "TEMPORARY"], schema: ["USAGE"] }[String(objectType)] ?? [];
    return privileges.every((privilege) => defaults.includes(privilege));
}

function groupSyncChanges({ steps }: Preview): Finding[] {
    return steps
        .filter(
            ({ type, before, after }) =>
                type === postgresTypes.configuration &&
                [before, after].some((inputs) => inputs["configurationName"] === groupSyncParameter),
        )
        .flatMap((step): Finding[] => {
            const [was, is] = [step.before, step.after].map(
                (inputs) => textAt(inputs, "value")?.toLowerCase() === "on",
            );
            if (was === is || step.operation === "Keep") return [];
            return is === true
                ? [
                      {
                          text: `**group sync is switched on** on ${serverOf(step)}: every member of a group that has a role gets a role of their own and signs in as themselves.`,
                          widensAccess: true,
                      },
                  ]
                : [
                      {
                          text: `**group sync is switched off** on ${serverOf(step)}: members' own roles are no longer kept in step with their groups.`,
                      },
                  ];
        });
}

/** Rights in Azure and memberships in Entra, which lead to the database as well. */
function azureChanges({ steps }: Preview): Finding[] {
    return steps.flatMap((step): Finding[] => {
        const isAssignment = step.type === "azure-native:authorization:RoleAssignment";
        if (!isAssignment && step.type !== "azuread:index/groupMember:GroupMember") return [];
        const told = (inputs: Properties, gains: boolean): Finding => ({
            text: isAssignment
                ? `Entra object ${shown(inputs["principalId"])} **${gains ? "gains" : "loses"}** the Azure role ${shown(lastPart(inputs["roleDefinitionId"]))} on ${shown(inputs["scope"])}.`
                : `Entra object ${shown(inputs["memberObjectId"])} **${gains ? "joins" : "leaves"}** the group ${shown(inputs["groupObjectId"])}.`,
            ...(gains && { widensAccess: true }),
        });
        switch (step.operation) {
            case "Create":
                return [told(step.after, true)];
            case "Delete":
                return [told(step.before, false)];
            case "Update":
            case "Replace":
                return [told(step.after, true), told(step.before, false)];
            default:
                return [];
        }
    });
}

function lastPart(id: unknown): unknown {
    return typeof id === "string" ? id.split("/").at(-1) : id;
}
