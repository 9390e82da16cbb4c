import { Resolver } from "node:dns/promises";
import { type Cloud, clouds } from "../../components/clouds";
import { AddressSet } from "../../components/network/analysis/address-set";
import { publicAddresses } from "../../components/network/analysis/service-tags";

/** What a DNS server said about a host. */
export interface HostAnswer {
    /** The DNS server, with its port if that isn't 53. */
    server: string;
    host: string;
    /** The IPv4 addresses it gave. */
    addresses: readonly string[];
    /** Why there are none, as the resolver calls it, such as `ENOTFOUND` or `ETIMEOUT`. */
    error?: string;
}

/** Whether a server that uses the DNS server would find the host. */
export interface HostJudgement extends HostAnswer {
    resolvesPublicly: boolean;
    /** What is wrong and what to do, or that nothing is. */
    explanation: string;
}

/**
 * The hosts whose names must resolve for administrators to be assigned and tokens to be validated.
 * Source: "Use Microsoft Entra ID for authentication with Azure Database for PostgreSQL".
 */
export function entraHosts(cloud: Cloud = "Public"): string[] {
    const { authorityHost, graphHost } = clouds[cloud];
    return [authorityHost, graphHost];
}

/**
 * Asks each DNS server for Entra's hosts.
 *
 * @param servers addresses such as `10.0.0.4`, or `10.0.0.4:5353` with another port
 * @param timeout how long to wait for one answer, in milliseconds
 */
export async function askForEntraHosts(
    servers: readonly string[],
    { cloud = "Public", timeout = 3000 }: { cloud?: Cloud; timeout?: number } = {},
): Promise<HostAnswer[]> {
    const questions = servers.flatMap((server) => entraHosts(cloud).map((host) => ({ server, host })));
    return Promise.all(questions.map(({ server, host }) => ask(server, host, timeout)));
}

async function ask(server: string, host: string, timeout: number): Promise<HostAnswer> {
    const resolver = new Resolver({ timeout, tries: 2 });
    resolver.setServers([server]);
    try {
        return { server, host, addresses: await resolver.resolve4(host) };
    } catch (error) {
        return { server, host, addresses: [], error: (error as NodeJS.ErrnoException).code ?? String(error) };
    }
}

/** Judges an answer: every address must be public, since a zone or sinkhole of one's own leads the server astray. */
export function judge(answer: HostAnswer): HostJudgement {
    const { server, host, addresses, error } = answer;
    const elsewhere = addresses.filter((address) => !publicAddresses.contains(AddressSet.fromPrefixes([address])));
    const explanation = error
        ? explainError(server, host, error)
        : addresses.length === 0
          ? `${server} knows ${host} but gives no IPv4 address, and the service connects by IPv4 only.`
          : elsewhere.length > 0
            ? `${server} sends ${host} to ${elsewhere.join(", ")}, which isn't public. Remove the zone or rule that does so.`
            : `${server} resolves ${host} to ${addresses.join(", ")}.`;
    return { ...answer, resolvesPublicly: addresses.length > 0 && elsewhere.length === 0, explanation };
}

function explainError(server: string, host: string, error: string): string {
    switch (error) {
        case "ENOTFOUND":
        case "ENODATA":
            return `${server} doesn't know ${host} (${error}). Have it forward to 168.63.129.16, or to a public resolver.`;
        case "ETIMEOUT":
        case "ECONNREFUSED":
            return `${server} doesn't answer (${error}). Check its address, and that port 53 is open to it.`;
        default:
            return `${server} failed to look ${host} up (${error}). Check its log and its forwarders.`;
    }
}

/** Asks and judges: what `entra-postgres doctor` shows for a virtual network with DNS servers of its own. */
export async function checkEntraDns(
    servers: readonly string[],
    options: { cloud?: Cloud; timeout?: number } = {},
): Promise<HostJudgement[]> {
    return (await askForEntraHosts(servers, options)).map(judge);
}
