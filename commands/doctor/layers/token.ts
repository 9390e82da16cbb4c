/** What the token itself tells: for whom, for what, from where, how long. It is decoded, never checked against a key, never shown. */
import { type JWTPayload, decodeJwt } from "jose";
import { type Cloud, clouds } from "../../../components/clouds";
import { type Finding, fault, passed } from "../findings";

/** The claims that matter, as far as the token has them. */
export interface Claims {
    audience: string;
    tenantId: string | undefined;
    objectId: string | undefined;
    applicationId: string | undefined;
    /** The user principal name. */
    userName: string | undefined;
    isApplication: boolean;
    /** Ids of groups; undefined when the token lists none. */
    groups: readonly string[] | undefined;
    /** Whether there were too many groups to list. */
    leavesGroupsOut: boolean;
    hasSecondFactor: boolean;
    /** Seconds since 1970. */
    notBefore: number;
    expires: number;
}

export interface TokenFacts {
    origin: string;
    /** Whether it was fetched just now. */
    isFresh: boolean;
    /** What is wrong with the text, if it is no token. */
    malformed?: string;
    claims?: Claims;
}

/** Entra and the server allow clocks to differ by this much, in seconds. Source: "Access token claims reference". */
const clockTolerance = 300;

/** Reads a token. What isn't one is described without being repeated. */
export function readToken(text: string, origin: string, isFresh: boolean): TokenFacts {
    const facts = { origin, isFresh };
    if (text === "") return { ...facts, malformed: "it is empty" };
    if (/^bearer\s/i.test(text)) return { ...facts, malformed: 'it begins with the word "Bearer"' };
    if (/^["'].*["']$/s.test(text)) return { ...facts, malformed: "it stands in quotes" };
    if (/\s/.test(text)) return { ...facts, malformed: "there are blanks or line breaks in it" };
    const parts = text.split(".").length;
    if (parts !== 3) {
        const looksCut = text.startsWith("eyJ");
        return {
            ...facts,
            malformed: looksCut
                ? `it has ${String(parts)} of a token's three parts`
                : "it doesn't look like a token, which begins with eyJ and has three parts",
        };
    }
    try {
        return { ...facts, claims: claimsOf(decodeJwt(text)) };
    } catch {
        return { ...facts, malformed: "its claims can't be read" };
    }
}

function claimsOf(payload: JWTPayload): Claims {
    const text = (name: string): string | undefined => {
        const value = payload[name];
        return typeof value === "string" ? value : undefined;
    };
    const list = (name: string): string[] | undefined => {
        const value = payload[name];
        return Array.isArray(value) ? value.map(String) : undefined;
    };
    const userName = text("upn") ?? text("unique_name") ?? text("preferred_username");
    const kind = text("idtyp");
    return {
        audience: [payload.aud].flat()[0] ?? "",
        tenantId: text("tid")?.toLowerCase(),
        objectId: text("oid")?.toLowerCase(),
        applicationId: (text("appid") ?? text("azp"))?.toLowerCase(),
        userName,
        // Older tokens don't say; only a person's has a name or a scope.
        isApplication: kind === undefined ? userName === undefined && text("scp") === undefined : kind === "app",
        groups: list("groups")?.map((group) => group.toLowerCase()),
        leavesGroupsOut: payload["hasgroups"] !== undefined || hasGroupSource(payload["_claim_names"]),
        hasSecondFactor: list("amr")?.includes("mfa") ?? false,
        notBefore: payload.nbf ?? payload.iat ?? 0,
        expires: payload.exp ?? Number.POSITIVE_INFINITY,
    };
}

function hasGroupSource(names: unknown): boolean {
    return typeof names === "object" && names !== null && "groups" in names;
}

/** The resource application of the database, which stands for its address in some tokens. */
const databaseApplication = "123cd850-d9df-40bd-94d5-c9f07b7fa203";

/** Judges the claims by themselves. */
export function judgeToken(
    { origin, isFresh, malformed, claims }: TokenFacts,
    { cloud, tenantId, now }: { cloud: Cloud; tenantId: string | undefined; now: number },
): Finding {
    if (claims === undefined) return fault("NotAToken", `The text from ${origin}: ${malformed ?? "it is no token"}.`);
    const [seconds, here] = [now / 1000, moment(new Date(now))];
    if (claims.notBefore > seconds + clockTolerance) {
        return fault("ClockBehind", `It is ${here} here, and the token is good from ${at(claims.notBefore)}.`);
    }
    if (claims.expires <= seconds) {
        const when = `It expired at ${at(claims.expires)}; it is ${here} here.`;
        return isFresh ? fault("ClockAhead", `${when} It was fetched just now.`) : fault("TokenExpired", when);
    }
    const audience = claims.audience.replace(/\/+$/, "");
    if (audience !== clouds[cloud].tokenAudience && audience !== databaseApplication) {
        const other = (Object.keys(clouds) as Cloud[]).find((each) => clouds[each].tokenAudience === audience);
        return other === undefined
            ? fault("TokenForAnotherService", `It is for ${claims.audience}, not for ${clouds[cloud].tokenAudience}.`)
            : fault("TokenOfAnotherCloud", `It is for the cloud ${other}, and the server is in the cloud ${cloud}.`);
    }
    if (claims.objectId === undefined) return fault("TokenWithoutObject", "The claim oid is missing.");
    if (tenantId !== undefined && claims.tenantId !== tenantId.toLowerCase()) {
        return fault("TokenOfAnotherTenant", tenantsDiffer(claims, tenantId));
    }
    const minutes = Math.round((claims.expires - seconds) / 60);
    return passed(
        `${whose(claims)}, ${inGroups(claims)}, from ${origin}, for ${String(minutes)} more ${minutes === 1 ? "minute" : "minutes"}`,
    );
}

function inGroups({ groups, leavesGroupsOut }: Claims): string {
    if (leavesGroupsOut) return "in more groups than it lists";
    if (groups === undefined) return "without a list of groups";
    return `in ${String(groups.length)} ${groups.length === 1 ? "group" : "groups"}`;
}

/** Who signed in, in words. */
export function whose({ isApplication, userName, applicationId, objectId, tenantId }: Claims): string {
    const who = isApplication
        ? `application ${applicationId ?? objectId ?? ""}`
        : (userName ?? `user ${objectId ?? ""}`);
    return `${who} of tenant ${tenantId ?? "unknown"}`;
}

export function tenantsDiffer({ tenantId }: Claims, wanted: string): string {
    return `It is of the tenant ${tenantId ?? "unknown"}, and the server's is ${wanted}.`;
}

/** A moment to the minute, the same for every reader. */
export function moment(when: Date): string {
    return `${when.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function at(seconds: number): string {
    return moment(new Date(seconds * 1000));
}
