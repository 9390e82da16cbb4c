import pg from "pg";
import type { Emulation } from "./emulation";
import type { TokenRequest } from "./tokens/issuer";

/** A connection to an emulated server, signed in with a token as an object of the directory; the caller ends it. */
export async function signIn(
    { gateway, issuer }: Pick<Emulation, "gateway" | "issuer">,
    host: string,
    { objectId }: { objectId: string },
    user: string,
    database: string,
    token: Partial<TokenRequest> = {},
): Promise<pg.Client> {
    const client = new pg.Client({
        host: "127.0.0.1",
        port: gateway.port,
        user,
        password: await issuer.issue({ objectId, ...token }),
        database,
        ssl: { ca: gateway.certificates.root, servername: host },
    });
    client.on("error", () => undefined);
    try {
        await client.connect();
    } catch (error) {
        await client.end().catch(() => undefined);
        throw error;
    }
    return client;
}
