import { type Cloud, clouds } from "../components/clouds";
import { type CheckFailure, type Properties, UNKNOWN } from "./protocol/implementation";

/** Where the deployment's own identity comes from. */
export const credentialKinds = ["Default", "AzureCli", "ManagedIdentity", "WorkloadIdentity", "Environment"] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** The provider's settings: how to reach servers and as whom. */
export interface Configuration {
    cloud: Cloud;
    tenantId: string | undefined;
    credential: CredentialKind;
    clientId: string | undefined;
    hostAddress: string | undefined;
    port: number;
    rootCertificate: string | undefined;
    signInAs: string | undefined;
    maxConnectionsPerServer: number;
    /** Seconds. */
    patience: number;
}

export const defaults: Configuration = {
    cloud: "Public",
    tenantId: undefined,
    credential: "Default",
    clientId: undefined,
    hostAddress: undefined,
    port: 5432,
    rootCertificate: undefined,
    signInAs: undefined,
    // With those of the provider for grants there are eight at most.
    maxConnectionsPerServer: 6,
    patience: 300,
};

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Every fault in the settings. A value that isn't known yet is none. */
export function checkConfiguration(given: Properties): CheckFailure[] {
    const failures: CheckFailure[] = [];
    const check = (property: string, allowed: string, accepts: (value: string) => boolean): void => {
        const value = given[property];
        if (value === undefined || value === UNKNOWN) return;
        const text = asText(value);
        if (!accepts(text))
            failures.push({ property, reason: `${JSON.stringify(text)} was given; allowed: ${allowed}` });
    };
    const whole = (low: number, high: number) => (value: string) =>
        /^\d+$/.test(value) && Number(value) >= low && Number(value) <= high;

    check("cloud", Object.keys(clouds).join(", "), (value) => Object.hasOwn(clouds, value));
    check("credential", credentialKinds.join(", "), (value) => (credentialKinds as readonly string[]).includes(value));
    check("tenantId", "a GUID", (value) => guid.test(value));
    check("clientId", "a GUID", (value) => guid.test(value));
    check("port", "a port from 1 to 65535", whole(1, 65535));
    check("maxConnectionsPerServer", "a whole number from 2 to 100", whole(2, 100));
    check("patience", "seconds from 0 to 3600", whole(0, 3600));
    check("rootCertificate", "certificates in PEM", (value) => value.includes("-----BEGIN CERTIFICATE-----"));
    for (const property of Object.keys(given)) {
        if (!(property in defaults) && property !== "version" && property !== "pluginDownloadURL") {
            failures.push({
                property,
                reason: `there is no such setting; known: ${Object.keys(defaults).join(", ")}`,
            });
        }
    }
    return failures;
}

/** Reads settings that were checked. Values come as text from a stack's configuration. */
export function readConfiguration(given: Properties): Configuration {
    const text = (property: string): string | undefined => {
        const value = given[property];
        return value === undefined || value === UNKNOWN ? undefined : asText(value);
    };
    return {
        cloud: (text("cloud") as Cloud | undefined) ?? defaults.cloud,
        tenantId: text("tenantId"),
        credential: (text("credential") as CredentialKind | undefined) ?? defaults.credential,
        clientId: text("clientId"),
        hostAddress: text("hostAddress"),
        port: Number(text("port") ?? defaults.port),
        rootCertificate: text("rootCertificate"),
        signInAs: text("signInAs"),
        maxConnectionsPerServer: Number(text("maxConnectionsPerServer") ?? defaults.maxConnectionsPerServer),
        patience: Number(text("patience") ?? defaults.patience),
    };
}

function asText(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}
