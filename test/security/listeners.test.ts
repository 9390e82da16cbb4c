/** Nothing that runs here can be reached from another machine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { Emulation } from "../../local/emulation";
import { packageRoot } from "../../local/package-root";
import { EmulatedServer } from "../support/emulated-server";
import { descendants, listenersOf } from "./listening";

const loopback = /^(127\.\d+\.\d+\.\d+|::1)$/;

/** Whether something answers at an address of this machine. */
async function answers(host: string, port: number): Promise<boolean> {
    const socket = connect({ host, port, timeout: 2000 });
    return new Promise((resolve) => {
        const end = (answered: boolean) => () => {
            socket.destroy();
            resolve(answered);
        };
        socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
    });
}

describe.skipIf(process.platform !== "linux")("what listens", () => {
    it("of the emulation, the gateway, the tokens, the database and the providers, does so on loopback alone", async () => {
        const [server, emulation] = await Promise.all([EmulatedServer.start(), Emulation.start()]);
        const provider = spawn(process.execPath, [join(packageRoot, "dist", "provider", "main.js")]);
        try {
            const [port] = (await once(createInterface(provider.stdout), "line")) as [string];
            const listeners = await listenersOf(await descendants(process.pid));
            const ports = listeners.map((each) => each.port);
            const expected = [
                Number(port),
                server.gateway.port,
                server.instance.endpoint.port,
                emulation.gateway.port,
                ...[server.issuer.url, emulation.issuer.url].map((url) => Number(new URL(url).port)),
                ...(emulation.environment()["PULUMI_DEBUG_PROVIDERS"]?.match(/\d+/g) ?? []).map(Number),
            ];
            expect(expected).toHaveLength(10);
            expect(ports).toEqual(expect.arrayContaining(expected));
            for (const { address, port: each } of listeners) expect(address, String(each)).toMatch(loopback);

            const outside = Object.values(networkInterfaces())
                .flatMap((each) => each ?? [])
                .filter(({ internal, family }) => !internal && family === "IPv4");
            for (const { address } of outside) {
                for (const each of expected)
                    expect(await answers(address, each), `${address}:${String(each)}`).toBe(false);
            }
            expect(await answers("127.0.0.1", emulation.gateway.port)).toBe(true);
        } finally {
            provider.kill();
            await once(provider, "close");
            await server.stop();
            await emulation.stop();
        }
    }, 60_000);

    it("on every address would be found out", async () => {
        const open = createServer().listen(0, "0.0.0.0");
        const open6 = createServer().listen(0, "::");
        await Promise.all([once(open, "listening"), once(open6, "listening").catch(() => undefined)]);
        const found = await listenersOf([process.pid]);
        expect(found.filter(({ address }) => !loopback.test(address)).length).toBeGreaterThanOrEqual(1);
        open.close();
        open6.close();
    });
});
