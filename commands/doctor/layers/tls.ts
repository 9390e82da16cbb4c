/** Whether what listens is PostgreSQL, encrypts, and shows the server's own certificate. */
import { type Socket, connect, isIP } from "node:net";
import { type PeerCertificate, connect as secure, rootCertificates } from "node:tls";
import { type Finding, fault, passed } from "../findings";
import type { Place } from "./tcp";

export interface Greeting {
    host: string;
    /** What the server said to the request for TLS: `S` yes, `N` no, else no PostgreSQL; undefined for nothing at all. */
    answer: string | undefined;
    /** Why the handshake broke off. */
    handshakeError?: string;
    /** What is wrong with the certificate, as Node calls it. */
    certificateError?: string;
    protocol?: string;
    certificate?: { names: string; issuer: string; from: string; to: string };
}

// The request for TLS: its length and its code. Source: PostgreSQL, "Message Formats".
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Asks for TLS as a client of PostgreSQL does, and looks at the certificate without going further. */
export async function greet(
    { address, port }: Place,
    host: string,
    rootCertificate: string | undefined,
    timeout: number,
): Promise<Greeting> {
    const socket = connect({ host: address, port });
    socket.setTimeout(timeout, () => socket.destroy());
    // Whatever breaks ends in "close", which is waited for.
    socket.on("error", () => undefined);
    try {
        const answer = await firstByte(socket);
        return answer === "S" ? await shakeHands(socket, host, rootCertificate) : { host, answer };
    } finally {
        socket.destroy();
    }
}

function firstByte(socket: Socket): Promise<string | undefined> {
    return new Promise((resolve) => {
        socket.once("connect", () => socket.write(sslRequest));
        socket.once("close", () => {
            resolve(undefined);
        });
        socket.once("readable", () => {
            resolve((socket.read(1) as Buffer | null)?.toString("latin1"));
        });
    });
}

function shakeHands(socket: Socket, host: string, rootCertificate: string | undefined): Promise<Greeting> {
    return new Promise((resolve) => {
        const greeting = { host, answer: "S" };
        const encrypted = secure({
            socket,
            ...(isIP(host) === 0 && { servername: host }),
            // Nothing is sent to a server with a wrong certificate; its fault is only read.
            rejectUnauthorized: false,
            ...(rootCertificate !== undefined && { ca: [...rootCertificates, rootCertificate] }),
        });
        encrypted.once("secureConnect", () => {
            const certificate = encrypted.getPeerCertificate();
            // A code, whatever the type says.
            const error = encrypted.authorizationError as unknown as string | null;
            resolve({
                ...greeting,
                protocol: encrypted.getProtocol() ?? "",
                certificate: describe(certificate),
                ...(error !== null && { certificateError: error }),
            });
            encrypted.destroy();
        });
        encrypted.once("error", (error: NodeJS.ErrnoException) => {
            resolve({ ...greeting, handshakeError: error.code ?? error.message });
        });
        encrypted.once("close", () => {
            resolve({ ...greeting, handshakeError: "the connection was closed" });
        });
    });
}

function describe({ subjectaltname = "", issuer, valid_from, valid_to }: PeerCertificate) {
    return {
        names: subjectaltname.replace(/DNS:/g, ""),
        issuer: [issuer.O, issuer.CN].flat().filter(Boolean).join(", "),
        from: valid_from,
        to: valid_to,
    };
}

export function judgeGreeting({
    host,
    answer,
    handshakeError,
    certificateError,
    protocol = "",
    certificate = { names: "", issuer: "", from: "", to: "" },
}: Greeting): Finding {
    if (answer === "N") return fault("TlsNotOffered", "The server answers no to the request for TLS.");
    if (answer !== "S") {
        const said = answer === undefined ? "nothing" : `something that begins with ${JSON.stringify(answer)}`;
        return fault("NotPostgreSQL", `The answer to the request for TLS is ${said}.`);
    }
    if (handshakeError !== undefined) return fault("TlsRefused", `The handshake fails: ${handshakeError}.`);
    switch (certificateError) {
        case undefined:
            return passed(`${protocol}, certificate good until ${certificate.to}`);
        case "CERT_HAS_EXPIRED":
            return fault("CertificateExpired", `It was good until ${certificate.to}.`);
        case "CERT_NOT_YET_VALID":
            return fault("CertificateNotYetValid", `It is good from ${certificate.from}.`);
        case "ERR_TLS_CERT_ALTNAME_INVALID":
            return fault(
                "CertificateOfAnotherHost",
                `${host} was asked for; the certificate is for ${certificate.names}.`,
            );
        default:
            return fault("CertificateUntrusted", `Its issuer is ${certificate.issuer} (${certificateError}).`);
    }
}
