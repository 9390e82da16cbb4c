/** Things that listen on this machine and aren't a flexible server. Each stops with `close`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { TLSSocket, createSecureContext } from "node:tls";

export interface Listener {
    port: number;
    close(): Promise<void>;
}

/** Does this with each connection. */
export async function listen(onConnection: (socket: Socket) => void): Promise<Listener> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => undefined);
        onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        port: (server.address() as AddressInfo).port,
        close: async () => {
            const closed = new Promise((resolve) => server.close(resolve));
            for (const socket of sockets) socket.destroy();
            await closed;
        },
    };
}

/** Says yes to the request for TLS, then shows this certificate. */
export async function listenWithTls(certificate: { certificate: string; key: string }): Promise<Listener> {
    const secureContext = createSecureContext({ cert: certificate.certificate, key: certificate.key });
    return listen((socket) => {
        socket.once("data", () => {
            socket.write("S");
            new TLSSocket(socket, { isServer: true, secureContext }).on("error", () => undefined);
        });
    });
}

/** A port at which nothing listens. */
export async function closedPort(): Promise<number> {
    const listener = await listen(() => undefined);
    await listener.close();
    return listener.port;
}

/** A port from which no answer comes: its process is halted and the queue of connections is full. */
export async function silentPort(): Promise<Listener> {
    const program = `require("net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 },
        function () { console.log(this.address().port); })`;
    const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const port = Number(line.toString());
    child.kill("SIGSTOP");
    const filling: Socket[] = [];
    for (;;) {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => undefined);
        filling.push(socket);
        const taken = await Promise.race([
            once(socket, "connect").then(() => true),
            new Promise<false>((resolve) => setTimeout(resolve, 300, false)),
        ]);
        if (!taken) break;
    }
    return {
        port,
        close: async () => {
            for (const socket of filling) socket.destroy();
            child.kill("SIGKILL");
            await once(child, "close");
        },
    };
}
