/** Resources as policies see them: plain data, with a mark for what isn't known yet. */
import { UNKNOWN } from "../provider/protocol/implementation";

export interface GivenResource {
    /** Without the API version that a token may name. */
    type: string;
    name: string;
    urn: string;
    protect: boolean;
    properties: Record<string, unknown>;
}

interface Described {
    type: string;
    name: string;
    urn: string;
    props: Record<string, unknown>;
    opts: { protect?: boolean };
}

/** Reads a resource that Pulumi hands to a policy. */
export function given({ type, name, urn, props, opts }: Described): GivenResource {
    return {
        type: type.replace(/^(azure-native:\w+)\/v\w+:/, "$1:"),
        name,
        urn,
        protect: opts.protect === true,
        properties: known(props) as Record<string, unknown>,
    };
}

/** A property by its path; undefined when it isn't there, {@link UNKNOWN} when it or what holds it isn't known. */
export function at(resource: GivenResource, ...path: string[]): unknown {
    let value: unknown = resource.properties;
    for (const key of path) {
        if (value === UNKNOWN) return UNKNOWN;
        value = (value as Record<string, unknown> | null | undefined)?.[key];
    }
    return value;
}

/** Whether a value is certainly another than wanted: what isn't known is given the benefit of the doubt. */
export function differs(value: unknown, wanted: string): boolean {
    return value !== UNKNOWN && value !== wanted;
}

export const isServer = ({ type }: GivenResource): boolean => type === "azure-native:dbforpostgresql:Server";

/** Entra administrators, by the name of any API version. */
export const isAdministrator = ({ type }: GivenResource): boolean =>
    /^azure-native:dbforpostgresql:(Administrator|AdministratorsMicrosoftEntra)$/.test(type);

/** The administrators of each server: by its name, or together while names aren't known. */
export function administratorsByServer(resources: readonly GivenResource[]): [GivenResource, GivenResource[]][] {
    const all = resources.filter(isAdministrator);
    const servers = resources.filter(isServer);
    return servers.map((server) => {
        const name = at(server, "serverName");
        const own = all.filter((administrator) => {
            const theirs = at(administrator, "serverName");
            return servers.length === 1 || theirs === name || theirs === UNKNOWN || name === UNKNOWN;
        });
        return [server, own];
    });
}

/** Pulumi throws when a policy looks at a value that isn't known. */
function known(value: unknown): unknown {
    if (Array.isArray(value)) return Array.from(value, (_, index) => looked(() => (value as unknown[])[index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.keys(value).map((key) => [key, looked(() => (value as Record<string, unknown>)[key])]),
    );
}

function looked(read: () => unknown): unknown {
    try {
        return known(read());
    } catch {
        return UNKNOWN;
    }
}
