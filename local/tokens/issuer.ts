/** Issues tokens as Entra does, signed with a key of this run, and hands them out like a managed identity's endpoint. */
import { randomBytes, randomUUID } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
    type JWTPayload,
    type JWTVerifyGetKey,
    type KeyLike,
    SignJWT,
    createLocalJWKSet,
    exportJWK,
    generateKeyPair,
} from "jose";
import { type Cloud, clouds } from "../../components/clouds";
import type { Directory } from "../directory/directory";

export interface TokenRequest {
    objectId: string;
    /** @default - the audience of a flexible server in the public cloud */
    audience?: string;
    /** Seconds; negative for a token that has expired. @default 3600 */
    lifetime?: number;
    /** @default "Public" */
    cloud?: Cloud;
    /** Another tenant than the directory's, for tests. */
    tenantId?: string;
}

export class TokenIssuer {
    readonly #secret = randomBytes(24).toString("hex");
    #lifetime = 3600;
    #failures = 0;
    #issued = 0;

    private constructor(
        readonly directory: Directory,
        private readonly server: Server,
        private readonly privateKey: KeyLike,
        private readonly keyId: string,
        readonly keys: JWTVerifyGetKey,
    ) {}

    static async start(directory: Directory): Promise<TokenIssuer> {
        const { privateKey, publicKey } = await generateKeyPair("RS256");
        const keyId = randomUUID();
        const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: keyId, alg: "RS256", use: "sig" }] };
        const server = createServer();
        const issuer = new TokenIssuer(directory, server, privateKey, keyId, createLocalJWKSet(jwks));
        server.on("request", (request, response) => {
            issuer.#answer(request, response, jwks).catch((error: unknown) => {
                send(response, 500, { error: "server_error", error_description: String(error) });
            });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return issuer;
    }

    get url(): string {
        return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
    }

    /** The `iss` claim for a tenant. */
    issuerOf(tenantId = this.directory.tenantId): string {
        return `https://sts.windows.net/${tenantId}/`;
    }

    /** How many tokens were issued so far. */
    get issued(): number {
        return this.#issued;
    }

    /** Lifetime in seconds of tokens from now on. */
    setLifetime(seconds: number): void {
        this.#lifetime = seconds;
    }

    /** The next requests to the endpoint fail, as an endpoint under load does. */
    failNext(times: number): void {
        this.#failures = times;
    }

    /** Signs a token for an object of the directory. */
    async issue(request: TokenRequest): Promise<string> {
        const object = this.directory.byObjectId(request.objectId);
        if (!object || object.type === "Group") {
            throw new Error(`${request.objectId} is neither a user nor a service principal of the emulated tenant.`);
        }
        const tenantId = request.tenantId ?? this.directory.tenantId;
        const now = Math.floor(Date.now() / 1000);
        const lifetime = request.lifetime ?? this.#lifetime;
        const claims: JWTPayload = {
            tid: tenantId,
            oid: object.objectId,
            sub: object.objectId,
            ver: "1.0",
            ...groupClaims(this.directory.groupsOf(object.objectId)),
            ...(object.type === "User"
                ? {
                      upn: object.userPrincipalName,
                      unique_name: object.userPrincipalName,
                      name: object.displayName,
                      idtyp: "user",
                  }
                : { appid: object.applicationId, idtyp: "app" }),
        };
        this.#issued += 1;
        return new SignJWT(claims)
            .setProtectedHeader({ alg: "RS256", kid: this.keyId, typ: "JWT" })
            .setIssuer(this.issuerOf(tenantId))
            .setAudience(request.audience ?? clouds[request.cloud ?? "Public"].tokenAudience)
            .setIssuedAt(now + Math.min(0, lifetime - 60))
            .setNotBefore(now + Math.min(0, lifetime - 60))
            .setExpirationTime(now + lifetime)
            .sign(this.privateKey);
    }

    /** Variables that make a child process sign in as an identity, as in App Service. */
    environment(identityObjectId: string): Record<string, string> {
        return {
            IDENTITY_ENDPOINT: `${this.url}/identities/${identityObjectId}/token`,
            IDENTITY_HEADER: this.#secret,
        };
    }

    /** Where a person gets a user's token as plain text; whoever knows the address may. */
    tokenUrl(userPrincipalName: string): string {
        return `${this.url}/${this.#secret}/token?user=${encodeURIComponent(userPrincipalName)}`;
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    async #answer(request: IncomingMessage, response: ServerResponse, jwks: unknown): Promise<void> {
        const url = new URL(request.url ?? "/", this.url);
        if (url.pathname === "/discovery/v2.0/keys") {
            send(response, 200, jwks);
            return;
        }
        if (url.pathname === `/${this.#secret}/token`) {
            const [user] = this.directory.find(url.searchParams.get("user") ?? "");
            if (user) response.writeHead(200, { "content-type": "text/plain" }).end(await this.issue(user));
            else send(response, 404, { error: "no such user in the emulated tenant" });
            return;
        }
        const [, identity] = /^\/identities\/([^/]+)\/token$/.exec(url.pathname) ?? [];
        const resource = url.searchParams.get("resource");
        if (identity === undefined || resource === null) {
            send(response, 404, { error: "not_found" });
            return;
        }
        if (request.headers["x-identity-header"] !== this.#secret) {
            send(response, 401, { error: "unauthorized", error_description: "X-IDENTITY-HEADER is wrong" });
            return;
        }
        if (this.#failures > 0) {
            this.#failures -= 1;
            send(response, 503, { error: "temporarily_unavailable" });
            return;
        }
        const token = await this.issue({ objectId: identity, audience: resource.replace(/\/$/, "") });
        const expires = Math.floor(Date.now() / 1000) + this.#lifetime;
        send(response, 200, {
            access_token: token,
            token_type: "Bearer",
            resource,
            client_id: identity,
            expires_on: String(expires),
        });
    }
}

/** A token lists no more than 200 groups; with more it only says where to ask. Source: "Access token claims reference". */
function groupClaims(groups: string[]): JWTPayload {
    return groups.length <= 200 ? { groups } : { _claim_names: { groups: "src1" } };
}

function send(response: ServerResponse, status: number, body: unknown): void {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
