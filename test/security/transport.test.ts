/** A token goes to the server that is meant, or nowhere. */
import { createServer as createTcpServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { makeCertificates } from "../../local/gateway/certificate";
import { bob, readers } from "../../local/directory/contoso";
import { EmulatedServer, calls } from "../support/emulated-server";

let server: EmulatedServer;
const someone = { name: "someone", type: "User", objectId: bob.objectId };

beforeAll(async () => {
    server = await EmulatedServer.start();
});

afterEach(async () => {
    vi.unstubAllEnvs();
    await server.closeProviders();
});

afterAll(async () => {
    await server.stop();
});

describe("the provider", () => {
    it("sends no token to a server whose certificate isn't trusted, whatever the environment says", async () => {
        vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
        vi.stubEnv("PGSSLMODE", "disable");
        const { root } = await makeCertificates();
        const engine = calls(await server.provider({ rootCertificate: root, patience: "0" }));
        const issued = server.issuer.issued;
        await expect(engine.create(someone)).rejects.toThrow(/certificate|self-signed|issuer/i);
        expect(server.issuer.issued).toBe(issued);
    });

    it("sends no token to a server with another name than the one that is meant", async () => {
        const engine = calls(await server.provider({ patience: "0" }));
        const issued = server.issuer.issued;
        await expect(engine.create({ ...someone, serverName: "orders.example.com" })).rejects.toThrow(
            /altnames|does not match/i,
        );
        expect(server.issuer.issued).toBe(issued);
    });

    it("sends nothing in the clear to a server that does without TLS", async () => {
        const heard: Buffer[] = [];
        const plain = createTcpServer((socket) => {
            socket.on("error", () => undefined);
            socket.on("data", (chunk) => {
                heard.push(chunk);
                socket.write("N");
            });
        }).listen(0, "127.0.0.1");
        await once(plain, "listening");
        const port = String((plain.address() as AddressInfo).port);
        const engine = calls(await server.provider({ port, patience: "0" }));
        await expect(engine.create(someone)).rejects.toThrow(/does not support SSL/);
        plain.close();
        // The question whether there is TLS, and not even as whom.
        expect(Buffer.concat(heard).toString("hex")).toBe("0000000804d2162f");
    });

    it("signs in where everything is right", async () => {
        const engine = calls(await server.provider());
        await engine.create({ name: readers.displayName, type: "Group" });
    });
});
