import * as ipaddr from "ipaddr.js";
import * as pulumi from "@pulumi/pulumi";
import { FirewallRule } from "@pulumi/azure-native/dbforpostgresql/firewallRule";
import { type Fault, refuse } from "../faults";
import type { ServerReference } from "../server/flexible-server";

/** Addresses that may connect, by their first and last. */
export interface AddressRange {
    /** 1 to 80 letters, digits, hyphens and underscores. */
    name: string;
    /** The first IPv4 address of the range. */
    startIpAddress: string;
    /** The last IPv4 address of the range. */
    endIpAddress: string;
    cidr?: never;
}

/** Addresses that may connect, as a block. */
export interface AddressBlock {
    /** 1 to 80 letters, digits, hyphens and underscores. */
    name: string;
    /** An IPv4 block such as `203.0.113.0/28`; one address ends in `/32`. */
    cidr: string;
    startIpAddress?: never;
    endIpAddress?: never;
}

/** What must be said to open the server to every address. */
export const entireInternet = "I accept that every address on the Internet can reach this server";

/** Source: "Firewall rules in Azure Database for PostgreSQL". A rule may take five minutes to have an effect. */
export interface PublicAccessRules {
    /** @default - none: nobody reaches the server */
    firewallRules?: (AddressRange | AddressBlock)[];
    /**
     * Let every Azure resource in, those of other customers too (the rule 0.0.0.0–0.0.0.0).
     * @default false
     */
    allowAllAzureServices?: boolean;
    /**
     * Let every address of the Internet in; only with these very words.
     * @default - not allowed
     */
    allowEntireInternet?: typeof entireInternet;
}

export interface PublicAccessArgs extends PublicAccessRules {
    /** The server that the rules open. */
    server: ServerReference;
}

/** A firewall rule as the service takes it. */
export interface PlannedFirewallRule {
    /** 1 to 80 letters, digits, `_` and `-`. */
    name: string;
    /** The first IPv4 address let in. */
    startIpAddress: string;
    /** The last one; the same as the first for a single address. */
    endIpAddress: string;
}

const ruleName = /^[A-Za-z0-9_-]{1,80}$/;

/** Checks the rules without registering anything. */
export function validatePublicAccess(rules: PublicAccessRules): Fault[] {
    const faults: Fault[] = [];
    const names = new Set<string>();
    (rules.firewallRules ?? []).forEach((rule, index) => {
        const field = `firewallRules[${String(index)}]`;
        if (!ruleName.test(rule.name)) {
            faults.push({
                field: `${field}.name`,
                given: rule.name,
                allowed: "1 to 80 letters, digits, hyphens and underscores",
                fix: "Name the rule after whom it lets in.",
            });
        }
        if (names.has(rule.name.toLowerCase())) {
            faults.push({
                field: `${field}.name`,
                given: rule.name,
                allowed: "each name once, whatever its case",
                fix: "Rename one of the two rules.",
            });
        }
        names.add(rule.name.toLowerCase());
        faults.push(...validateRange(field, rule));
    });
    if (rules.allowEntireInternet !== undefined && (rules.allowEntireInternet as string) !== entireInternet) {
        faults.push({
            field: "allowEntireInternet",
            given: rules.allowEntireInternet,
            allowed: JSON.stringify(entireInternet),
            fix: "Leave it out and name the addresses that need the server.",
        });
    }
    return faults;
}

function validateRange(field: string, rule: AddressRange | AddressBlock): Fault[] {
    const range = rangeOf(rule);
    if (!range) {
        return [
            {
                field,
                given: rule.cidr ?? `${rule.startIpAddress}–${rule.endIpAddress}`,
                allowed: "IPv4 addresses: startIpAddress and endIpAddress, or a cidr block such as 203.0.113.0/28",
                fix: "The service's firewall knows IPv4 only.",
            },
        ];
    }
    const given = `${range.startIpAddress}–${range.endIpAddress}`;
    const [start, end] = [numberOf(range.startIpAddress), numberOf(range.endIpAddress)];
    if (start > end) {
        return [{ field, given, allowed: "a first address not above the last", fix: "Swap the two addresses." }];
    }
    if (start === 0 && end === 0) {
        return [
            {
                field,
                given,
                allowed: "addresses of your own",
                fix: "0.0.0.0 means every Azure customer's resources. If that is meant, say allowAllAzureServices: true.",
            },
        ];
    }
    if (start === 0 && end === 0xffffffff) {
        return [
            {
                field,
                given,
                allowed: "addresses of your own",
                fix: `This is the whole Internet. If that is meant, say allowEntireInternet: ${JSON.stringify(entireInternet)}.`,
            },
        ];
    }
    return [];
}

/** The firewall rules to make. */
export function planPublicAccess(rules: PublicAccessRules): PlannedFirewallRule[] {
    const planned = (rules.firewallRules ?? []).flatMap((rule) => {
        const range = rangeOf(rule);
        return range ? [{ name: rule.name, ...range }] : [];
    });
    if (rules.allowAllAzureServices === true) {
        planned.push({ name: "AllowAllAzureServices", startIpAddress: "0.0.0.0", endIpAddress: "0.0.0.0" });
    }
    if (rules.allowEntireInternet === entireInternet) {
        planned.push({ name: "AllowEntireInternet", startIpAddress: "0.0.0.0", endIpAddress: "255.255.255.255" });
    }
    return planned;
}

function rangeOf(rule: AddressRange | AddressBlock): { startIpAddress: string; endIpAddress: string } | undefined {
    if (rule.cidr !== undefined) {
        if (!ipaddr.IPv4.isValidCIDR(rule.cidr)) return undefined;
        return {
            startIpAddress: ipaddr.IPv4.networkAddressFromCIDR(rule.cidr).toString(),
            endIpAddress: ipaddr.IPv4.broadcastAddressFromCIDR(rule.cidr).toString(),
        };
    }
    const { startIpAddress, endIpAddress } = rule;
    const valid = (address: unknown): boolean =>
        typeof address === "string" && ipaddr.IPv4.isValidFourPartDecimal(address);
    return valid(startIpAddress) && valid(endIpAddress) ? { startIpAddress, endIpAddress } : undefined;
}

function numberOf(address: string): number {
    return ipaddr.IPv4.parse(address)
        .toByteArray()
        .reduce((sum, byte) => sum * 256 + byte, 0);
}

/**
 * Firewall rules of a server with a public endpoint: the ones that are named, and no others.
 *
 * @throws InvalidArguments with every fault, before anything is registered
 */
export class PublicAccess extends pulumi.ComponentResource {
    /** The rules that were made. */
    readonly rules: PlannedFirewallRule[];

    constructor(name: string, args: PublicAccessArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse("PublicAccess", name, validatePublicAccess(args));
        super("entra-postgres:index:PublicAccess", name, {}, opts);

        const { server } = args;
        this.rules = planPublicAccess(args);
        let previous: pulumi.Resource | undefined;
        for (const rule of this.rules) {
            previous = new FirewallRule(
                `${name}-${rule.name}`,
                {
                    resourceGroupName: server.resourceGroupName,
                    serverName: server.serverName,
                    firewallRuleName: rule.name,
                    startIpAddress: rule.startIpAddress,
                    endIpAddress: rule.endIpAddress,
                },
                {
                    parent: this,
                    dependsOn: previous ? [previous] : [],
                    ...(server.deletedWith && { deletedWith: server.deletedWith }),
                    ...(server.retryWhileBusy && { hooks: { onError: [server.retryWhileBusy] } }),
                },
            );
        }
        if (args.allowAllAzureServices === true) {
            void pulumi.log.warn(
                `${server.serverName} lets every Azure resource connect, those of other customers too.`,
                this,
            );
        }
        if (args.allowEntireInternet !== undefined) {
            void pulumi.log.warn(`${server.serverName} can be reached from every address on the Internet.`, this);
        }
        this.registerOutputs({ rules: this.rules });
    }
}
