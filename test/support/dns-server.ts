import { Packet, createServer } from "dns2";

export interface DnsServer {
    /** The address and port to ask. */
    address: string;
    close(): Promise<void>;
}

/**
 * A DNS server on this machine that knows some hosts.
 *
 * @param code what it says of the others: 3 that they don't exist, 2 that it failed. Source: RFC 1035, section 4.1.1.
 */
export async function startDnsServer(hosts: Record<string, string[]>, code: 2 | 3 = 3): Promise<DnsServer> {
    const server = createServer({
        udp: true,
        handle: (request, send) => {
            const response = Packet.createResponseFromRequest(request);
            const [question] = request.questions;
            const addresses = question && hosts[question.name.toLowerCase()];
            if (!addresses) response.header.rcode = code;
            for (const address of addresses ?? []) {
                response.answers.push({
                    name: question?.name ?? "",
                    type: Packet.TYPE.A,
                    class: Packet.CLASS.IN,
                    ttl: 60,
                    address,
                } as (typeof response.answers)[number]);
            }
            void send(response);
        },
    });
    const addresses = await server.listen({ udp: { port: 0, address: "127.0.0.1" } });
    return {
        address: `127.0.0.1:${String(addresses.udp?.port)}`,
        close: async () => {
            await server.close();
        },
    };
}
