/** Which cause a message of the database, the driver or the service stands for. Pure. */
import { signInFailure } from "../../provider/connection/sign-in-errors";
import type { Cause } from "./causes";

/** Texts change over the years, so they are matched by their constant parts. */
const patterns: readonly [RegExp, Cause][] = [
    [/could not translate host name|ENOTFOUND|Name or service not known/i, "ServerNameUnknown"],
    [/EAI_AGAIN|Temporary failure in name resolution/i, "DnsSilent"],
    [/ECONNREFUSED|Connection refused/i, "PortClosed"],
    [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timed out|timeout expired|No route to host/i, "NoAnswer"],
    [/server does not support SSL/i, "TlsNotOffered"],
    [/CERT_HAS_EXPIRED|certificate has expired/i, "CertificateExpired"],
    [/CERT_NOT_YET_VALID|certificate is not yet valid/i, "CertificateNotYetValid"],
    [/ERR_TLS_CERT_ALTNAME_INVALID|does not match host ?name|altnames/i, "CertificateOfAnotherHost"],
    [
        /certificate verify failed|self[- ]signed certificate|unable to (verify|get local issuer)/i,
        "CertificateUntrusted",
    ],
    [/unsupported protocol|handshake failure|no shared cipher|tlsv1 alert protocol version/i, "TlsRefused"],
    [/valid mfa claim/i, "MfaMissing"],
    [/too many connections for (role|database)/i, "ConnectionLimit"],
    [/too many (clients|connections)|remaining connection slots are reserved/i, "ServerFull"],
    [/the database system is|terminating connection due to administrator command/i, "ServerNotReady"],
    [/database "[\s\S]*" does not exist/i, "DatabaseMissing"],
    [/permission denied for database|does not have CONNECT privilege/i, "ConnectMissing"],
    [/permission denied for schema/i, "SchemaUsageMissing"],
    [/permission denied for (table|view|materialized view|relation|sequence)/i, "TablePrivilegeMissing"],
    [/relation "[\s\S]*" does not exist/i, "TableMissing"],
    [/unexpected error occurred while trying to validate user/i, "EntraUnreachable"],
];

/** The cause that a message names, if it names one. */
export function causeOfMessage(message: string): Cause | undefined {
    return signInFailure(message)?.kind ?? patterns.find(([pattern]) => pattern.test(message))?.[1];
}
