/**
 * The door in front of every emulated server: TLS, the token instead of a password, then straight through to PostgreSQL.
 * One port serves all servers; the name that the client asks for in TLS says which one is meant.
 */
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";
import { TLSSocket, createSecureContext } from "node:tls";
import { clouds } from "../../components/clouds";
import type { PostgresInstance } from "../postgresql/instance";
import type { TokenIssuer } from "../tokens/issuer";
import { type Certificates, makeCertificates } from "./certificate";
import {
    ClientMessages,
    askForCleartextPassword,
    cancelRequest,
    fatal,
    gssEncryptionRequest,
    sslRequest,
    startupParameters,
} from "./messages";
import { type LabelledRole, type Refusal, checkToken, passwordFailed } from "./token-check";

export interface GatewayOptions {
    issuer: TokenIssuer;
    /** The database behind a host name. */
    instanceFor(host: string): PostgresInstance | undefined;
    /** Why the network lets a client through or not; undefined lets it through. */
    refusalOf?(host: string, user: string, database: string): string | undefined;
}

/** A connection attempt that ended, for tests and for the doctor. */
export interface SignInAttempt {
    host: string;
    user: string;
    database: string;
    refusal: Refusal | undefined;
}

/** Moments at which a test cuts a connection. */
export type Cut = "before-startup" | "after-startup" | "after-commit-before-reply";

export class Gateway {
    readonly attempts: SignInAttempt[] = [];
    readonly #sockets = new Set<Socket>();
    readonly #cancelKeys = new Map<string, PostgresInstance>();
    readonly #cuts: Cut[] = [];
    readonly #refusals: Refusal[] = [];
    #open = new Map<string, number>();
    #mostOpen = new Map<string, number>();

    private constructor(
        private readonly options: GatewayOptions,
        private readonly server: Server,
        readonly certificates: Certificates,
    ) {}

    static async start(options: GatewayOptions): Promise<Gateway> {
        const server = createServer();
        const gateway = new Gateway(options, server, await makeCertificates());
        server.on("connection", (socket) => {
            gateway.#accept(socket);
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return gateway;
    }

    get port(): number {
        return (this.server.address() as AddressInfo).port;
    }

    /** The next connections are cut at these moments, one each. */
    cutNext(...moments: Cut[]): void {
        this.#cuts.push(...moments);
    }

    /** The next sign-ins are refused with an error of the database. */
    refuseNext(times: number, refusal: Refusal): void {
        for (let i = 0; i < times; i++) this.#refusals.push(refusal);
    }

    /** Forgets faults that were arranged and didn't happen, and how many connections there were. */
    reset(): void {
        this.#cuts.length = 0;
        this.#refusals.length = 0;
        this.#mostOpen = new Map(this.#open);
    }

    /** How many signed-in connections a host had at most at one time. */
    mostConnections(host: string): number {
        return this.#mostOpen.get(host) ?? 0;
    }

    /** Ends every connection, as a failing network does. */
    dropAll(): void {
        for (const socket of this.#sockets) socket.destroy();
    }

    async stop(): Promise<void> {
        const closed = new Promise((resolve) => this.server.close(resolve));
        this.dropAll();
        await closed;
    }

    #track(socket: Socket): void {
        this.#sockets.add(socket);
        // A client that goes away without a word is no fault of the gateway's.
        socket.on("error", () => socket.destroy());
        socket.once("close", () => this.#sockets.delete(socket));
    }

    #accept(socket: Socket): void {
        this.#track(socket);
        socket.setNoDelay(true);
        if (this.#cuts[0] === "before-startup") {
            this.#cuts.shift();
            socket.destroy();
            return;
        }
        socket.once("readable", () => {
            this.#begin(socket).catch(() => socket.destroy());
        });
    }

    async #begin(socket: Socket): Promise<void> {
        const reader = new Reader(socket);
        const first = await reader.read(1);
        if (first[0] === 0x16) {
            // TLS without asking first, as PostgreSQL 17 clients can.
            reader.release(first);
            this.#secure(socket);
            return;
        }
        const head = Buffer.concat([first, await reader.read(7)]);
        const code = head.readInt32BE(4);
        if (code === gssEncryptionRequest) {
            socket.write("N");
            await this.#begin(socket);
        } else if (code === sslRequest) {
            socket.write("S");
            reader.release(Buffer.alloc(0));
            this.#secure(socket);
        } else if (code === cancelRequest) {
            await this.#cancel(await reader.read(8), head);
            socket.end();
        } else {
            const message = Buffer.concat([head, await reader.read(head.readInt32BE(0) - 8)]);
            const { user = "", database = user } = startupParameters(message);
            socket.end(
                fatal({
                    code: "28000",
                    message: `no pg_hba.conf entry for host "${socket.remoteAddress ?? ""}", user "${user}", database "${database}", no encryption`,
                }),
            );
        }
    }

    #secure(socket: Socket): void {
        const { certificate, key } = this.certificates;
        const secure = new TLSSocket(socket, {
            isServer: true,
            secureContext: createSecureContext({ cert: certificate, key }),
            ALPNProtocols: ["postgresql"],
        });
        this.#track(secure);
        secure.once("secure", () => {
            this.#signIn(secure).catch(() => secure.destroy());
        });
    }

    async #signIn(client: TLSSocket): Promise<void> {
        const reader = new Reader(client);
        const length = await reader.read(4);
        const startup = Buffer.concat([length, await reader.read(length.readInt32BE(0) - 4)]);
        if (startup.readInt32BE(4) === cancelRequest) {
            await this.#cancel(startup.subarray(8), startup.subarray(0, 8));
            client.end();
            return;
        }
        const host = (client as TLSSocket & { servername?: string | false }).servername || "";
        const { user = "", database = user } = startupParameters(startup);

        const refuse = (refusal: Refusal): void => {
            this.attempts.push({ host, user, database, refusal });
            client.end(fatal(refusal));
        };

        const instance = this.options.instanceFor(host);
        if (!instance) {
            refuse({ code: "28000", message: `no server of this gateway is called "${host}"` });
            return;
        }
        const blocked = this.options.refusalOf?.(host, user, database);
        if (blocked !== undefined) {
            refuse({ code: "28000", message: blocked });
            return;
        }
        const arranged = this.#refusals.shift();
        if (arranged) {
            refuse(arranged);
            return;
        }

        let role: LabelledRole | undefined;
        try {
            await instance.directorySynchronized();
            role = await labelledRole(instance, user);
        } catch {
            refuse({ code: "57P03", message: "the database system is starting up" });
            return;
        }
        if (role && instance.entraAuthentication) {
            client.write(askForCleartextPassword());
            const token = await readPassword(reader);
            const refusal = await checkToken(token, role, this.options.issuer, audienceOf(host));
            if (refusal) {
                refuse(refusal);
                return;
            }
            reader.release(Buffer.alloc(0));
            this.#forward(client, startup, instance, { host, user, database }, "socket");
        } else if (!role && instance.passwordAuthentication) {
            reader.release(Buffer.alloc(0));
            this.#forward(client, startup, instance, { host, user, database }, "port");
        } else {
            client.write(askForCleartextPassword());
            await readPassword(reader);
            refuse(passwordFailed(user));
        }
    }

    #forward(
        client: TLSSocket,
        startup: Buffer,
        instance: PostgresInstance,
        who: { host: string; user: string; database: string },
        through: "socket" | "port",
    ): void {
        const { socket, port } = instance.endpoint;
        const upstream =
            through === "socket" ? connect(`${socket}/.s.PGSQL.${String(port)}`) : connect(port, "127.0.0.1");
        this.#track(upstream);
        this.attempts.push({ ...who, refusal: undefined });
        this.#count(who.host, 1);
        const cut = this.#cuts[0] === undefined || this.#cuts[0] === "before-startup" ? undefined : this.#cuts[0];
        let swallowReplies = false;

        const messages = new ClientMessages((sql) => {
            if (cut !== this.#cuts[0] || cut === undefined) return;
            const atCommit = cut === "after-commit-before-reply" && /^\s*COMMIT\b/i.test(sql);
            if (atCommit || cut === "after-startup") {
                this.#cuts.shift();
                if (atCommit) swallowReplies = true;
                else client.destroy();
            }
        });

        upstream.once("connect", () => {
            upstream.write(startup);
            let replies = Buffer.alloc(0);
            let ready = false;
            upstream.on("data", (chunk: Buffer) => {
                if (swallowReplies) {
                    client.destroy();
                    upstream.destroy();
                    return;
                }
                if (!ready) {
                    replies = Buffer.concat([replies, chunk]);
                    ready = this.#noteCancelKey(replies, instance);
                }
                if (!client.write(chunk)) {
                    upstream.pause();
                    client.once("drain", () => upstream.resume());
                }
            });
            client.on("data", (chunk: Buffer) => {
                const out = through === "socket" ? messages.push(chunk) : chunk;
                if (out.length > 0 && !upstream.write(out)) {
                    client.pause();
                    upstream.once("drain", () => client.resume());
                }
            });
        });
        upstream.once("error", () => {
            client.end(fatal({ code: "57P03", message: "the database system is not accepting connections" }));
        });
        upstream.once("close", () => client.end());
        client.once("close", () => {
            this.#count(who.host, -1);
            upstream.destroy();
        });
    }

    #count(host: string, change: number): void {
        const open = (this.#open.get(host) ?? 0) + change;
        this.#open.set(host, open);
        this.#mostOpen.set(host, Math.max(open, this.#mostOpen.get(host) ?? 0));
    }

    /** Remembers the key with which this session's query can be cancelled; true once the start-up is over. */
    #noteCancelKey(replies: Buffer, instance: PostgresInstance): boolean {
        for (let at = 0; at + 5 <= replies.length;) {
            const [type, length] = [replies[at], 1 + replies.readInt32BE(at + 1)];
            if (at + length > replies.length) return false;
            if (type === 0x4b) this.#cancelKeys.set(replies.subarray(at + 5, at + length).toString("hex"), instance);
            if (type === 0x5a || type === 0x45) return true;
            at += length;
        }
        return false;
    }

    async #cancel(key: Buffer, head: Buffer): Promise<void> {
        const instance = this.#cancelKeys.get(key.toString("hex"));
        if (!instance) return;
        const { socket, port } = instance.endpoint;
        const upstream = connect(`${socket}/.s.PGSQL.${String(port)}`);
        this.#track(upstream);
        await new Promise<void>((resolve) => {
            upstream.once("connect", () => upstream.end(Buffer.concat([head, key])));
            upstream.once("close", () => {
                resolve();
            });
        });
    }
}

/** Reads exact numbers of bytes from a socket before it is handed on. */
class Reader {
    constructor(private readonly socket: Socket) {}

    async read(length: number): Promise<Buffer> {
        if (length < 0 || length > 1024 * 1024) throw new Error("no start-up message is that long");
        if (length === 0) return Buffer.alloc(0);
        for (;;) {
            const chunk = this.socket.read(length) as Buffer | null;
            if (chunk?.length === length) return chunk;
            if (this.socket.destroyed || this.socket.readableEnded) throw new Error("the client went away");
            await new Promise<void>((resolve, reject) => {
                const done = (): void => {
                    this.socket.off("readable", done).off("end", gone).off("close", gone);
                    resolve();
                };
                const gone = (): void => {
                    this.socket.off("readable", done).off("end", gone).off("close", gone);
                    reject(new Error("the client went away"));
                };
                this.socket.once("readable", done).once("end", gone).once("close", gone);
            });
        }
    }

    /** Gives back what was read too much. */
    release(rest: Buffer): void {
        if (rest.length > 0) this.socket.unshift(rest);
    }
}

async function readPassword(reader: Reader): Promise<string> {
    const head = await reader.read(5);
    if (head[0] !== 0x70) throw new Error("a password message was expected");
    const body = await reader.read(head.readInt32BE(1) - 4);
    return body.subarray(0, -1).toString("utf8");
}

async function labelledRole(instance: PostgresInstance, user: string): Promise<LabelledRole | undefined> {
    const { rows } = await instance.query<{
        type: LabelledRole["type"];
        object_id: string;
        tenant_id: string;
        is_mfa: boolean;
    }>("postgres", "SELECT type, object_id, tenant_id, is_mfa FROM pgaadauth_standin.principal WHERE rolname = $1", [
        user,
    ]);
    const row = rows[0];
    return row && { name: user, type: row.type, objectId: row.object_id, tenantId: row.tenant_id, mfa: row.is_mfa };
}

function audienceOf(host: string): string {
    const cloud = Object.values(clouds).find(({ hostSuffix }) => host.endsWith(hostSuffix));
    return (cloud ?? clouds.Public).tokenAudience;
}
