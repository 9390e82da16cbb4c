/** What a reviewer must know of a preview. */
import { code } from "./markdown";
import { type Properties, type Step, notKnownYet } from "./preview";

/** One thing to know, in Markdown in which every name is already harmless. */
export interface Finding {
    text: string;
    /** More about it, one line each. */
    details?: string[];
    /** Data are lost with it. */
    destroysData?: boolean;
    /** Somebody gains rights, or the network opens. */
    widensAccess?: boolean;
    /** A server can no longer tell who signs in. */
    breaksSignIn?: boolean;
}

export const postgresTypes = {
    server: "azure-native:dbforpostgresql:Server",
    database: "azure-native:dbforpostgresql:Database",
    administrator: "azure-native:dbforpostgresql:AdministratorsMicrosoftEntra",
    configuration: "azure-native:dbforpostgresql:Configuration",
    firewallRule: "azure-native:dbforpostgresql:FirewallRule",
    principal: "entra-postgres:index:EntraPrincipal",
    databaseAccess: "entra-postgres:index:DatabaseAccess",
    deletionGuard: "entra-postgres:index:DeletionGuard",
    grant: "postgresql:index/grant:Grant",
    defaultPrivileges: "postgresql:index/defaultPrivileges:DefaultPrivileges",
    membership: "postgresql:index/grantRole:GrantRole",
    role: "postgresql:index/role:Role",
} as const;

/** A value of nested properties: `at(inputs, "sku.name")`. */
export function at(properties: Properties, path: string): unknown {
    return path
        .split(".")
        .reduce<unknown>(
            (value, key) => (typeof value === "object" && value !== null ? (value as Properties)[key] : undefined),
            properties,
        );
}

/** Text at a path; undefined for what isn't text. */
export function textAt(properties: Properties, path: string): string | undefined {
    const value = at(properties, path);
    return typeof value === "string" ? value : undefined;
}

/** A value for people. */
export function shown(value: unknown): string {
    if (value === undefined || value === "") return "nothing";
    return value === notKnownYet ? "*not known yet*" : code(value);
}

/** The inputs that say what a resource is: the new ones, or the old ones of a resource that goes. */
export function inputsOf({ operation, before, after }: Step): Properties {
    return operation === "Delete" ? before : after;
}

/** The server that a step is about, for people. */
export function serverOf(step: Step): string {
    const name = textAt(inputsOf(step), "serverName");
    return name === undefined ? "a server" : `server ${shown(name)}`;
}

/** A type without its package: `Subnet`. */
export function shortType(type: string): string {
    return type.split(":").at(-1) ?? type;
}

/** What widens access comes first. */
export function wideningFirst(findings: readonly Finding[]): Finding[] {
    return [
        ...findings.filter(({ widensAccess }) => widensAccess),
        ...findings.filter(({ widensAccess }) => !widensAccess),
    ];
}

/** What a step gives and what it takes away: a change does both. */
export function gainsAndLosses(
    { operation, before, after }: Step,
    gain: (inputs: Properties) => Finding,
    loss: (inputs: Properties) => Finding,
): Finding[] {
    switch (operation) {
        case "Create":
            return [gain(after)];
        case "Delete":
            return [loss(before)];
        case "Update":
        case "Replace":
            return [gain(after), loss(before)];
        default:
            return [];
    }
}

/** Items by key, in the order in which they came. */
export function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
    const groups = new Map<Key, Item[]>();
    for (const item of items) {
        const group = groups.get(keyOf(item));
        if (group) group.push(item);
        else groups.set(keyOf(item), [item]);
    }
    return groups;
}

/** Steps of these types that change something. */
export function changing(steps: readonly Step[], ...types: string[]): Step[] {
    return steps.filter(({ type, operation }) => types.includes(type) && operation !== "Keep");
}

/** The name at the end of an ARM id. */
export function lastPart(id: unknown): unknown {
    return typeof id === "string" ? id.split("/").at(-1) : id;
}
