/** What is replaced or deleted, why, and what is lost with it. */
import { type Finding, inputsOf, postgresTypes, serverOf, shown, textAt, at } from "./findings";
import { code, count, enumerate } from "./markdown";
import { type Preview, type Step, secret } from "./preview";

/** Types whose deletion loses data, or makes them unreadable, in words. */
const holdsData: Record<string, string> = {
    [postgresTypes.server]: "server",
    [postgresTypes.database]: "database",
    "postgresql:index/database:Database": "database",
    "postgresql:index/schema:Schema": "schema",
    "azure-native:resources:ResourceGroup": "resource group",
    "azure-native:compute:Disk": "disk",
    "azure-native:storage:StorageAccount": "storage account",
    "azure-native:storage:BlobContainer": "blob container",
    "azure-native:storage:FileShare": "file share",
    "azure-native:keyvault:Vault": "key vault",
    "azure-native:keyvault:Key": "key",
};

/** Told where access and networks are told: taking them away loses no data. */
const toldElsewhere: ReadonlySet<string> = new Set([
    postgresTypes.administrator,
    postgresTypes.configuration,
    postgresTypes.firewallRule,
    postgresTypes.principal,
    postgresTypes.databaseAccess,
    postgresTypes.grant,
    postgresTypes.defaultPrivileges,
    postgresTypes.membership,
    postgresTypes.role,
    "azure-native:authorization:RoleAssignment",
    "azuread:index/groupMember:GroupMember",
    "azure-native:network:SecurityRule",
    "azure-native:network:Route",
    "azure-native:network:PrivateEndpoint",
    "azure-native:network:VirtualNetworkPeering",
]);

/** What only holds other resources together, or only exists in the stack. */
function isBookkeeping({ type }: Step): boolean {
    return type.startsWith("pulumi:") || type.startsWith("entra-postgres:index:");
}

export function destruction(preview: Preview): Finding[] {
    const going = preview.steps.filter(({ operation }) => operation === "Delete" || operation === "Replace");
    const data = going.filter(({ type }) => Object.hasOwn(holdsData, type));
    const others = going.filter(
        (step) => !data.includes(step) && !toldElsewhere.has(step.type) && !isBookkeeping(step),
    );
    return [...data.map((step) => lossOf(step, preview)), ...others.map(otherLoss), ...protectionEnds(preview)];
}

function lossOf(step: Step, preview: Preview): Finding {
    const what = `${holdsData[step.type] ?? ""} ${nameOf(step)}`;
    if (step.isRetained && step.operation === "Delete") {
        return { text: `${what} is **forgotten**: it stays as it is, and the stack no longer knows it.` };
    }
    return {
        text: `${what} is **${verb(step)}**${step.isRetained ? "; the old one stays, unknown to the stack" : ""}.`,
        details: [...reason(step), ...(step.isRetained ? [] : atRisk(step, preview)), ...refusal(step)],
        destroysData: !step.isRetained,
    };
}

function otherLoss(step: Step): Finding {
    return {
        text: `${code(step.type)} ${code(step.name)} is ${verb(step)}.`,
        details: [...reason(step), ...refusal(step)],
    };
}

function verb({ operation }: Step): string {
    return operation === "Replace" ? "replaced" : "deleted";
}

/** The name in the cloud where it is known, else the one in the program. */
function nameOf(step: Step): string {
    const own = ["databaseName", "serverName", "resourceGroupName", "diskName", "accountName", "vaultName", "name"];
    const found = own.map((key) => textAt(step.before, key)).find((name) => name !== undefined);
    const name =
        step.type === postgresTypes.server ? (textAt(step.before, "serverName") ?? step.name) : (found ?? step.name);
    const on = step.type === postgresTypes.database ? ` on ${serverOf({ ...step, after: step.before })}` : "";
    return code(name) + on;
}

function reason({ operation, forcing, before, after }: Step): string[] {
    if (operation === "Delete") return ["Why: it is no longer in the program."];
    if (forcing.length === 0)
        return ["Why: the preview names no property; it may have been asked for with `--replace`."];
    const changes = forcing.map((path) => {
        const [old, now] = [at(before, path), at(after, path)];
        const isPlain = [old, now].every((value) => typeof value !== "object" || value === null);
        if (old === secret || now === secret) return `${code(path)} changes (a secret)`;
        return isPlain && old !== now
            ? `${code(path)} changes from ${shown(old)} to ${shown(now)}`
            : `${code(path)} changes`;
    });
    return [`Why: ${enumerate(changes)}.`];
}

function refusal({ isProtected }: Step): string[] {
    return isProtected ? ["It is protected: the engine will refuse until it is unprotected."] : [];
}

/** What is on a server or in a database, as far as the preview shows it. */
function atRisk(step: Step, { steps, showsUnchanged }: Preview): string[] {
    if (step.type === postgresTypes.database) {
        return [`At risk: every table in it${rolesIn(textAt(step.before, "databaseName"))}.`];
    }
    if (step.type !== postgresTypes.server) return ["At risk: everything in it."];
    const server = textAt(step.before, "serverName");
    const on = (type: string, name: string): string[] =>
        steps
            .filter((each) => each.type === type && Object.keys(each.before).length > 0)
            .filter(({ before }) => textAt(before, "serverName") === server)
            .map(({ before }) => shown(textAt(before, name)));
    const databases = on(postgresTypes.database, "databaseName");
    const roles = [...on(postgresTypes.administrator, "principalName"), ...on(postgresTypes.principal, "name")];
    return [
        databases.length > 0
            ? `At risk: ${count(databases.length, "database")} with all tables: ${enumerate(databases)}.`
            : "At risk: every database on it.",
        roles.length > 0
            ? `Roles that go with it: ${enumerate(roles)}.`
            : "Every role and every grant on it go with it.",
        ...(showsUnchanged ? [] : ["Unchanged databases and roles aren't in this preview: `--show-sames` names them."]),
    ];

    function rolesIn(database: string | undefined): string {
        const grants = steps.filter(
            ({ type, before }) =>
                (type === postgresTypes.grant || type === postgresTypes.databaseAccess) &&
                database !== undefined &&
                before["database"] === database,
        );
        const roles = [...new Set(grants.map(({ before }) => textAt(before, "role")))].filter(
            (role) => role !== undefined && role !== "public",
        );
        return roles.length === 0 ? "" : `; whoever has access to it: ${enumerate(roles.map(shown))}`;
    }
}

/** Nothing is lost yet, but nothing stands in the way any more. */
function protectionEnds({ steps }: Preview): Finding[] {
    return steps.flatMap((step) => {
        const isGuard = step.type === postgresTypes.deletionGuard;
        if (
            isGuard &&
            step.operation === "Update" &&
            step.before["protect"] === true &&
            step.after["protect"] !== true
        ) {
            const server = shown(textAt(inputsOf(step), "serverName"));
            return [{ text: `server ${server} is **no longer protected**: a later deployment may delete it.` }];
        }
        return [];
    });
}
