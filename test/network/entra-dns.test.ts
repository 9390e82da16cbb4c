import { afterEach, describe, expect, it } from "vitest";
import { askForEntraHosts, checkEntraDns, entraHosts, judge } from "../../commands/network/entra-dns";
import { type Cloud, clouds } from "../../components/clouds";
import { startDnsServer } from "../support/dns-server";

const running: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.close()));
});

/** A DNS server that is closed after the test. */
async function dnsServer(hosts: Record<string, string[]>): Promise<string> {
    const server = await startDnsServer(hosts);
    running.push(server);
    return server.address;
}

const everyCloud = Object.keys(clouds) as Cloud[];

describe("the check of custom DNS servers", () => {
    it("passes a server that resolves Entra's hosts to public addresses", async () => {
        const server = await dnsServer({
            "login.microsoftonline.com": ["20.190.151.8", "40.126.31.71"],
            "graph.microsoft.com": ["20.190.152.24"],
        });
        const judgements = await checkEntraDns([server]);
        expect(judgements.map(({ host, resolvesPublicly }) => [host, resolvesPublicly])).toEqual([
            ["login.microsoftonline.com", true],
            ["graph.microsoft.com", true],
        ]);
    });

    it("finds the one host that a server doesn't know", async () => {
        const server = await dnsServer({ "login.microsoftonline.com": ["20.190.151.8"] });
        const [login, graph] = await checkEntraDns([server]);
        expect(login?.resolvesPublicly).toBe(true);
        expect(graph).toMatchObject({ resolvesPublicly: false, error: "ENOTFOUND" });
        expect(graph?.explanation).toContain("168.63.129.16");
    });

    it("finds a host that is sent to a private address", async () => {
        const server = await dnsServer({
            "login.microsoftonline.com": ["20.190.151.8", "10.0.0.9"],
            "graph.microsoft.com": ["0.0.0.0"],
        });
        const judgements = await checkEntraDns([server]);
        expect(judgements.map(({ resolvesPublicly }) => resolvesPublicly)).toEqual([false, false]);
        expect(judgements[0]?.explanation).toContain("10.0.0.9, which isn't public");
    });

    it("says that a server doesn't answer", async () => {
        const server = await dnsServer({});
        await Promise.all(running.splice(0).map((each) => each.close()));
        const [login] = await checkEntraDns([server], { timeout: 200 });
        expect(login?.resolvesPublicly).toBe(false);
        expect(login?.explanation).toContain("doesn't answer");
    });

    it("asks every server by itself, so that one good server doesn't hide a bad one", async () => {
        const known = Object.fromEntries(entraHosts().map((host) => [host, ["20.190.151.8"]]));
        const servers = [await dnsServer(known), await dnsServer({})];
        const answers = await askForEntraHosts(servers);
        expect(answers.map(({ server, addresses }) => [server, addresses.length])).toEqual([
            [servers[0], 1],
            [servers[0], 1],
            [servers[1], 0],
            [servers[1], 0],
        ]);
    });

    it.each(everyCloud)("asks for the hosts of the cloud %s", async (cloud) => {
        const server = await dnsServer(Object.fromEntries(entraHosts(cloud).map((host) => [host, ["20.190.151.8"]])));
        const judgements = await checkEntraDns([server], { cloud });
        expect(judgements.map(({ host }) => host)).toEqual([clouds[cloud].authorityHost, clouds[cloud].graphHost]);
        expect(judgements.every(({ resolvesPublicly }) => resolvesPublicly)).toBe(true);
    });

    it("doesn't take an answer without addresses for a good one", () => {
        expect(judge({ server: "10.0.0.4", host: "graph.microsoft.com", addresses: [] }).resolvesPublicly).toBe(false);
    });
});
