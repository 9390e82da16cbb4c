/** The try itself, and what it means when the server refuses. */
import { isIP } from "node:net";
import { checkServerIdentity, rootCertificates } from "node:tls";
import pg from "pg";
import type { EgressAnalysis } from "../../../components/network/analysis/egress-analysis";
import type { AzureServer } from "../azure-server";
import type { Cause, Layer } from "../causes";
import { type Fault, type Finding, fault, passed } from "../findings";
import { type Inside, roleOf } from "../inside";
import { causeOfMessage } from "../messages";
import { judgeDatabase } from "./database";
import { judgeGroup } from "./group";
import { judgeLabel } from "./label";
import { judgeLogin } from "./login";
import { egressFault } from "./network";
import { judgeRole } from "./role";
import type { Place } from "./tcp";
import { type Claims, whose } from "./token";

export interface SignInTry extends Place {
    host: string;
    user: string;
    database: string;
    token: string;
    rootCertificate: string | undefined;
    timeout: number;
}

/** Signs in; the caller ends the connection. The result is the server's message when it refuses. */
export async function tryToSignIn(asked: SignInTry): Promise<pg.Client | string> {
    const { address, port, host, user, database, token, rootCertificate, timeout } = asked;
    const client = new pg.Client({
        host: address,
        port,
        user,
        database,
        password: token,
        application_name: "entra-postgres doctor",
        connectionTimeoutMillis: timeout,
        query_timeout: timeout,
        ssl: {
            // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: what is sent through it is a token.
            rejectUnauthorized: true,
            ...(isIP(host) === 0 && { servername: host }),
            ...(rootCertificate !== undefined && { ca: [...rootCertificates, rootCertificate] }),
            checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
        },
    });
    client.on("error", () => undefined);
    try {
        await client.connect();
        return client;
    } catch (error) {
        await client.end().catch(() => undefined);
        return error instanceof Error && error.message !== "" ? error.message : String(error);
    }
}

/** A refusal and everything that may explain it. */
export interface RefusalFacts {
    message: string;
    user: string;
    database: string;
    claims: Claims;
    /** What an administrator sees, if one could sign in. */
    inside: Inside | undefined;
    /** What the server said to the administrator, if it refused. */
    administratorMessage: string | undefined;
    /** The network of the server, if its rules and routes are known. */
    egress: EgressAnalysis | undefined;
    /** What Azure says of the server, if that is known. */
    azure: AzureServer | undefined;
}

/** Causes by a message that a look inside may make more exact. */
const vague: readonly (Cause | undefined)[] = [
    undefined,
    "ApplicationOnUserRole",
    "ConnectionLimit",
    "ConnectMissing",
    "DatabaseMissing",
    "LoginOff",
    "MfaMissing",
    "NotAMember",
    "ObjectMismatch",
    "RoleMissing",
    "SignInRefused",
    "TokenNotValidated",
    "UserOnApplicationRole",
];

/** Whether an administrator's look may tell more than the message does. */
export function isVague(message: string): boolean {
    return vague.includes(causeOfMessage(message));
}

/** Explains a refusal: the layers that were looked at, up to the one with the fault. */
export function explainRefusal(facts: RefusalFacts): { findings: [Layer, Finding][]; fault: Fault } {
    const { message, inside, user, database, claims } = facts;
    const said = byMessage(facts);
    if (said.cause === "TokenNotValidated") return { findings: [], fault: explainValidation(facts) ?? said };
    if (!inside || !isVague(message)) return { findings: [], fault: said };
    const role = roleOf(inside, user);
    const steps: [Layer, () => Finding][] = [
        ["Role", () => judgeRole(user, inside, claims)],
        ["Label", () => (role ? judgeLabel(role, claims) : passed(""))],
        ["Login", () => (role ? judgeLogin(role, inside) : passed(""))],
        ["Group", () => (role ? judgeGroup(role, inside, claims) : passed(""))],
        ["Database", () => (role ? judgeDatabase(database, role, inside) : passed(""))],
    ];
    const findings: [Layer, Finding][] = [];
    for (const [layer, judge] of steps) {
        const finding = judge();
        if (!finding.passed) return { findings, fault: finding };
        findings.push([layer, finding]);
    }
    return { findings, fault: said };
}

/** What the message says, with what is known without looking inside. */
function byMessage({ message, user, claims, azure, administratorMessage }: RefusalFacts): Fault {
    const cause = causeOfMessage(message) ?? "UnknownRefusal";
    switch (cause) {
        case "SignInRefused": {
            if (azure?.entraAuthentication === false) return fault("EntraAuthenticationOff", "");
            const everyone =
                administratorMessage !== undefined && causeOfMessage(administratorMessage) === cause
                    ? " The administrator is refused as well, so that Entra authentication may be off."
                    : "";
            return fault(cause, `"${user}" was given; the token is of ${whose(claims)}.${everyone}`);
        }
        case "NotAMember":
            return fault(claims.leavesGroupsOut ? "GroupsLeftOut" : cause, `The token is of ${whose(claims)}.`);
        case "FirewallRuleMissing":
            return fault(azure?.publicAccess === false ? "PublicAccessOff" : cause, "");
        default:
            return fault(cause, "");
    }
}

/** A token that couldn't be validated: others' sign-ins and the network tell whether the token or the way is at fault. */
function explainValidation({ egress, inside, administratorMessage }: RefusalFacts): Fault | undefined {
    const blocked = egressFault(egress);
    if (blocked) return blocked;
    if (inside) return fault("TokenInvalid", "The administrator's sign-in works.");
    return administratorMessage !== undefined && causeOfMessage(administratorMessage) === "TokenNotValidated"
        ? fault("EntraUnreachable", "The administrator's token couldn't be validated either.")
        : undefined;
}
