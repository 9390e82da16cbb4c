/** Looks layer by layer and stops at the first cause. */
import type { Cloud } from "../../components/clouds";
import type { EgressAnalysis } from "../../components/network/analysis/egress-analysis";
import { readConfiguration } from "../../provider/configuration";
import type { AzureServer } from "./azure-server";
import { type Layer, causes, layers } from "./causes";
import { type Fault, type Finding, fault, passed } from "./findings";
import { type Inside, lookInside, reading, roleOf } from "./inside";
import { judgeAdministrators } from "./layers/administrators";
import { judgeDatabase } from "./layers/database";
import { lookAtDns } from "./layers/dns";
import { judgeGroup } from "./layers/group";
import { judgeLabel } from "./layers/label";
import { judgeLogin } from "./layers/login";
import { judgePrivileges, readPrivileges } from "./layers/privileges";
import { judgeRole } from "./layers/role";
import { explainRefusal, isVague, tryToSignIn } from "./layers/sign-in";
import { type Place, judgeKnock, knock } from "./layers/tcp";
import { greet, judgeGreeting } from "./layers/tls";
import { type Claims, judgeToken, readToken } from "./layers/token";
import type { TablePrivilege } from "./table-privileges";

export interface Question {
    host: string;
    port: number;
    cloud: Cloud;
    user: string;
    database: string;
    /** Where to connect instead of where the name leads. */
    hostAddress: string | undefined;
    /** Certificates in PEM to trust as well, and the file that holds them. */
    rootCertificate: { file: string; text: string } | undefined;
    credential: string;
    /** The text to use instead of a token that is fetched. */
    password: string | undefined;
    /** A role with which to look inside when the sign-in is refused. */
    administrator: string | undefined;
    tenantId: string | undefined;
    dnsServers: readonly string[];
    table: string | undefined;
    privilege: TablePrivilege;
    egress: EgressAnalysis | undefined;
    azure: AzureServer | undefined;
    /** Milliseconds to wait for one answer. */
    timeout: number;
    /** Milliseconds since 1970, as this machine has it. */
    now: number;
}

export interface LayerReport {
    layer: Layer;
    state: "Passed" | "Failed" | "NotLookedAt";
    note: string;
}

export interface Diagnosis {
    layers: LayerReport[];
    /** What the token says, if there is one. */
    token: Claims | undefined;
    fault: Fault | undefined;
    /** What the server said to the sign-in. */
    message: string | undefined;
    /** Why nobody looked inside though an administrator was named. */
    administratorMessage: string | undefined;
}

export async function examine(question: Question): Promise<Diagnosis> {
    const examination = new Examination(question);
    const found = await examination.run();
    return examination.report(found);
}

class Examination {
    readonly #findings = new Map<Layer, Finding>();
    #message: string | undefined;
    #administratorMessage: string | undefined;
    #claims: Claims | undefined;

    constructor(private readonly question: Question) {}

    /** The first fault; undefined when there is none. */
    async run(): Promise<Fault | undefined> {
        const { host, port, cloud, hostAddress, dnsServers, timeout, rootCertificate, azure, egress } = this.question;
        const { finding, address } = await lookAtDns(host, { cloud, servers: dnsServers, hostAddress, timeout });
        const place = { address, port };
        return (
            this.#note("DNS", finding) ??
            this.#note("TCP", judgeKnock(place, await knock(place, timeout), { azure, egress })) ??
            this.#note("TLS", judgeGreeting(await greet(place, host, rootCertificate?.text, timeout))) ??
            (await this.#signIn(place))
        );
    }

    report(found: Fault | undefined): Diagnosis {
        const where = found && causes[found.cause].layer;
        return {
            layers: layers.map((layer): LayerReport => {
                const finding = this.#findings.get(layer);
                if (found && layer === where) return { layer, state: "Failed", note: causes[found.cause].title };
                if (layer === "Sign-in" && this.#message !== undefined) {
                    return { layer, state: "Failed", note: this.#message };
                }
                if (!finding?.passed) return { layer, state: "NotLookedAt", note: "" };
                return { layer, state: finding.isLookedAt ? "Passed" : "NotLookedAt", note: finding.note };
            }),
            token: this.#claims,
            fault: found && { cause: found.cause, detail: found.detail },
            message: this.#message,
            administratorMessage: this.#administratorMessage,
        };
    }

    /** Notes what a layer found; the result is its fault. */
    #note(layer: Layer, finding: Finding): Fault | undefined {
        this.#findings.set(layer, finding);
        return finding.passed ? undefined : finding;
    }

    async #signIn(place: Place): Promise<Fault | undefined> {
        const { host, user, database, rootCertificate, timeout, now, cloud, azure } = this.question;
        const tenantId = this.question.tenantId ?? azure?.tenantId;
        const token = await this.#token();
        if (typeof token !== "string") return token;
        const facts = readToken(token, this.#tokenOrigin, this.question.password === undefined);
        this.#claims = facts.claims;
        const wrong = this.#note("Token", judgeToken(facts, { cloud, tenantId, now }));
        if (wrong || !facts.claims) return wrong;
        const tried = { ...place, host, user, database, token, rootCertificate: rootCertificate?.text, timeout };
        const client = await tryToSignIn(tried);
        if (typeof client === "string") return this.#refused(client, facts.claims, place);
        this.#note("Sign-in", passed(`signed in as "${user}"`));
        this.#note("Network", passed("the server validated the token"));
        try {
            const inside = await reading(client, () => lookInside(client, user));
            if (inside) this.#noteSignedIn(inside, facts.claims);
            const { privilege, table } = this.question;
            const held = await reading(client, () => readPrivileges(client, { user, privilege, table }));
            return (
                this.#note("Privileges", judgePrivileges(held)) ??
                (inside && this.#note("Administrators", judgeAdministrators(inside)))
            );
        } finally {
            await client.end().catch(() => undefined);
        }
    }

    get #tokenOrigin(): string {
        return this.question.password === undefined ? `the credential ${this.question.credential}` : "PGPASSWORD";
    }

    async #token(): Promise<string | Fault> {
        const { password, cloud, credential } = this.question;
        if (password !== undefined) return password;
        // What gets tokens takes a while to load.
        const { TokenSource } = await import("../../provider/connection/credentials.js");
        try {
            return await new TokenSource(readConfiguration({ cloud, credential })).token();
        } catch (error) {
            // What follows the first line is advice, which the cause has as well.
            const [reason = ""] = String(error instanceof Error ? error.message : error).split("\n");
            return fault("NoToken", reason);
        }
    }

    /** The layers that a sign-in which worked proves, with what is known of them. */
    #noteSignedIn(inside: Inside, claims: Claims): void {
        const { user, database } = this.question;
        const role = roleOf(inside, user);
        if (!role) return;
        const proven: [Layer, Finding][] = [
            ["Role", judgeRole(user, inside, claims)],
            ["Label", judgeLabel(role, claims)],
            ["Login", judgeLogin(role, inside)],
            ["Group", judgeGroup(role, inside, claims)],
            ["Database", judgeDatabase(database, role, inside)],
        ];
        for (const [layer, finding] of proven) {
            this.#note(layer, finding.passed ? finding : passed("as the sign-in shows"));
        }
    }

    async #refused(message: string, claims: Claims, place: Place): Promise<Fault> {
        this.#message = message;
        const { user, database, egress, azure } = this.question;
        const inside = isVague(message) ? await this.#lookAsAdministrator(place) : undefined;
        const { findings, fault: found } = explainRefusal({
            message,
            user,
            database,
            claims,
            inside,
            administratorMessage: this.#administratorMessage,
            egress,
            azure,
        });
        for (const [layer, finding] of findings) this.#note(layer, finding);
        return found;
    }

    async #lookAsAdministrator({ address, port }: Place): Promise<Inside | undefined> {
        const { administrator, host, cloud, credential, rootCertificate, user } = this.question;
        if (administrator === undefined) return undefined;
        const { withServer } = await import("../principals/connection.js");
        try {
            return await withServer(
                {
                    server: host,
                    as: administrator,
                    cloud,
                    credential,
                    hostAddress: address,
                    port: String(port),
                    ...(rootCertificate && { rootCertificate: rootCertificate.file }),
                },
                (client) => lookInside(client, user),
            );
        } catch (error) {
            this.#administratorMessage = error instanceof Error ? error.message : String(error);
            return undefined;
        }
    }
}
