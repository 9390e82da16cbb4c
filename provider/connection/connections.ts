/** Connections to servers, shared by all resources: signed in with a token, verified, few. */
import { type SecureContext, checkServerIdentity, createSecureContext, rootCertificates } from "node:tls";
import pg from "pg";
import { hostOf } from "../../components/clouds";
import type { Configuration } from "../configuration";
import { TokenSource } from "./credentials";
import { DatabaseConnections } from "./database-connections";
import { isPooler } from "./retry";
import { signInFailure } from "./sign-in-errors";

/** A server, and the administrator's role to use there. */
export interface Target {
    /** The server's name, or its host name. */
    serverName: string;
    signInAs: string;
}

/**
 * An administrator's statements mean PostgreSQL's own functions and operators, whatever somebody who may make objects in a
 * database puts in their way. Source: PostgreSQL, "Writing SECURITY DEFINER Functions Safely".
 */
const ownNamesOnly = "-c search_path=pg_catalog,pg_temp";

export class Connections {
    readonly #tokens: TokenSource;
    readonly #pools = new Map<string, pg.Pool>();
    /** A server's connections to other databases, so few that it never sees more in all than it should. */
    readonly #elsewhere = new Map<string, DatabaseConnections<pg.Client>>();

    /** The system's roots and the configured one, read once. */
    readonly #trust: SecureContext | undefined;

    constructor(private readonly configuration: Configuration) {
        const { rootCertificate } = configuration;
        this.#trust =
            rootCertificate === undefined
                ? undefined
                : createSecureContext({ ca: [...rootCertificates, rootCertificate] });
        this.#tokens = new TokenSource(configuration);
    }

    /** Works with a connection to database `postgres`, where the functions for principals are. */
    async use<T>(target: Target, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
        const client = await this.#connect(target, () => this.#pool(target).connect());
        let failure: unknown;
        try {
            return await work(client);
        } catch (error) {
            failure = error;
            throw error;
        } finally {
            // A connection on which something failed may be half-way through anything: it isn't used again.
            client.release(failure !== undefined);
        }
    }

    /** Works with a connection to another database; what concerns one database comes one after another. */
    async useDatabase<T>(target: Target, database: string, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
        const host = hostOf(target.serverName, this.configuration.cloud);
        const connections = this.#elsewhere.get(host) ?? new DatabaseConnections(this.#mostElsewhere);
        this.#elsewhere.set(host, connections);
        const open = async (): Promise<pg.Client> => {
            const client = new pg.Client({ ...this.#options(target), database });
            // One that breaks fails its query too; without a listener it would end this process.
            client.on("error", () => undefined);
            try {
                await this.#connect(target, () => client.connect());
                return client;
            } catch (error) {
                await client.end().catch(() => undefined);
                throw error;
            }
        };
        return connections.use(JSON.stringify([target.signInAs, database]), open, work);
    }

    async close(): Promise<void> {
        await Promise.all([
            ...[...this.#pools.values()].map((pool) => pool.end().catch(() => undefined)),
            ...[...this.#elsewhere.values()].map((connections) => connections.close()),
        ]);
        this.#pools.clear();
        this.#elsewhere.clear();
    }

    /** Of a server's connections, a third leads elsewhere than to `postgres`. */
    get #mostElsewhere(): number {
        return Math.max(1, Math.floor(this.configuration.maxConnectionsPerServer / 3));
    }

    #pool(target: Target): pg.Pool {
        const options = this.#options(target);
        const key = JSON.stringify([options.ssl.servername, target.signInAs]);
        const known = this.#pools.get(key);
        if (known) return known;
        const pool = new pg.Pool({
            ...options,
            database: "postgres",
            max: this.configuration.maxConnectionsPerServer - this.#mostElsewhere,
            idleTimeoutMillis: 5_000,
            allowExitOnIdle: true,
        });
        // An idle connection that breaks is replaced when the next one is needed.
        pool.on("error", () => undefined);
        // One that breaks while it is used fails its query too; without a listener it would end this process.
        pool.on("connect", (client) => client.on("error", () => undefined));
        this.#pools.set(key, pool);
        return pool;
    }

    #options({ serverName, signInAs }: Target) {
        const host = hostOf(serverName, this.configuration.cloud);
        const { hostAddress, port } = this.configuration;
        return {
            host: hostAddress ?? host,
            port,
            user: signInAs,
            password: () => this.#tokens.token(),
            application_name: "entra-postgres",
            options: ownNamesOnly,
            connectionTimeoutMillis: 20_000,
            keepAlive: true,
            ssl: {
                // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: what is sent through it is a token.
                rejectUnauthorized: true,
                servername: host,
                ...(this.#trust && { secureContext: this.#trust }),
                // Wherever the connection leads, the certificate must be the server's own.
                checkServerIdentity: (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
                    checkServerIdentity(host, certificate),
            },
        };
    }

    async #connect<T>({ serverName, signInAs }: Target, connect: () => Promise<T>): Promise<T> {
        try {
            return await connect();
        } catch (error) {
            throw explained(error, hostOf(serverName, this.configuration.cloud), signInAs);
        }
    }
}

/** Says what a failed connection means and keeps the code by which it may be tried again. */
function explained(error: unknown, host: string, signInAs: string): Error {
    const { message = String(error), code } = error as { message?: string; code?: string };
    const failure = signInFailure(message);
    const unreachable = ["ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ECONNREFUSED", "EHOSTUNREACH"].includes(code ?? "");
    const next = failure
        ? `This means: ${failure.cause}. ${failure.fix}`
        : isPooler(message)
          ? "This is PgBouncer. Principals and grants are managed at the server itself: use its own port, 5432."
          : unreachable || message.includes("timeout")
            ? "The server can't be reached from here. For a private server run the deployment inside its network, set entra-postgres:hostAddress and port to a tunnel, or apply the SQL that `entra-postgres sql` prints."
            : "";
    return Object.assign(new Error(`${host} as "${signInAs}": ${message || (code ?? "no answer")}. ${next}`.trim()), {
        code,
    });
}
