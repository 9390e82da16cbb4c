/** Whether the server's name is found, and the hosts of Entra by the DNS servers of its network. */
import { Resolver, lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { type Cloud, clouds } from "../../../components/clouds";
import { type HostJudgement, checkEntraDns } from "../../network/entra-dns";
import { type Finding, fault, notLookedAt, passed } from "../findings";

/** What was asked for a name, and the answer. */
export interface NameAnswer {
    host: string;
    /** The DNS server; undefined for whatever this machine uses. */
    server?: string;
    addresses: readonly string[];
    /** Why there are none, as the resolver calls it. */
    error?: string;
}

/** Asks the DNS servers, or whatever this machine uses if there are none. */
export async function askForServer(host: string, servers: readonly string[], timeout: number): Promise<NameAnswer[]> {
    if (isIP(host) !== 0) return [{ host, addresses: [host] }];
    if (servers.length === 0) {
        return [
            await answerOf({ host }, async () => (await lookup(host, { all: true })).map(({ address }) => address)),
        ];
    }
    return Promise.all(
        servers.map((server) => {
            const resolver = new Resolver({ timeout, tries: 2 });
            resolver.setServers([server]);
            return answerOf({ host, server }, () => resolver.resolve4(host));
        }),
    );
}

async function answerOf(
    question: { host: string; server?: string },
    ask: () => Promise<string[]>,
): Promise<NameAnswer> {
    try {
        return { ...question, addresses: await ask() };
    } catch (error) {
        return { ...question, addresses: [], error: (error as NodeJS.ErrnoException).code ?? String(error) };
    }
}

/** Judges a host name against the cloud by its ending. */
export function judgeHost(host: string, cloud: Cloud): Finding {
    const own = (Object.keys(clouds) as Cloud[]).find((each) => host.toLowerCase().endsWith(clouds[each].hostSuffix));
    if (own !== undefined && own !== cloud) {
        return fault("HostOfAnotherCloud", `${host} is of the cloud ${own}, and the cloud asked for is ${cloud}.`);
    }
    return passed(host);
}

/** Judges the answers of all DNS servers: each must know the server. */
export function judgeName(answers: readonly NameAnswer[]): Finding {
    for (const { host, server = "this machine's DNS", addresses, error } of answers) {
        if (addresses.length > 0) continue;
        switch (error) {
            case undefined:
            case "ENOTFOUND":
            case "ENODATA":
                return fault("ServerNameUnknown", `${server} doesn't know ${host}.`);
            case "ETIMEOUT":
            case "ECONNREFUSED":
            case "EAI_AGAIN":
                return fault("DnsSilent", `${server} was asked for ${host} (${error}).`);
            default:
                return fault("DnsFailed", `${server} was asked for ${host} (${error}).`);
        }
    }
    const [first] = answers;
    return passed(first ? describeAnswer(first) : "");
}

function describeAnswer({ host, addresses }: NameAnswer): string {
    return isIP(host) ? host : `${host} is ${addresses.join(", ")}`;
}

/** Judges what the DNS servers of the server's network say about Entra's hosts. */
export function judgeEntraHosts(judgements: readonly HostJudgement[]): Finding {
    const wrong = judgements.find(({ resolvesPublicly }) => !resolvesPublicly);
    if (!wrong) return passed("Entra's hosts are found");
    const { explanation, error, addresses } = wrong;
    if (addresses.length > 0) return fault("EntraHostRedirected", explanation);
    switch (error) {
        case undefined:
        case "ENOTFOUND":
        case "ENODATA":
            return fault("EntraHostUnknown", explanation);
        case "ETIMEOUT":
        case "ECONNREFUSED":
            return fault("DnsSilent", explanation);
        default:
            return fault("DnsFailed", explanation);
    }
}

/** The whole layer; the address to go on with comes with a name that was found. */
export async function lookAtDns(
    host: string,
    {
        cloud,
        servers,
        hostAddress,
        timeout,
    }: { cloud: Cloud; servers: readonly string[]; hostAddress: string | undefined; timeout: number },
): Promise<{ finding: Finding; address: string }> {
    const named = judgeHost(host, cloud);
    if (!named.passed) return { finding: named, address: "" };
    const answers = hostAddress === undefined ? await askForServer(host, servers, timeout) : [];
    const name = hostAddress === undefined ? judgeName(answers) : notLookedAt(`${hostAddress} was given`);
    if (!name.passed) return { finding: name, address: "" };
    const entra = judgeEntraHosts(await checkEntraDns(servers, { cloud, timeout }));
    if (!entra.passed) return { finding: entra, address: "" };
    const addresses = answers.flatMap((answer) => answer.addresses);
    const address = hostAddress ?? addresses.find((each) => isIP(each) === 4) ?? addresses[0] ?? host;
    return { finding: servers.length === 0 ? name : passed([name, entra].map(({ note }) => note).join("; ")), address };
}
