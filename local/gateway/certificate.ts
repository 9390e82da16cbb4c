import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { clouds } from "../../components/clouds";

/** A server's certificate and key, and the root that vouches for it, all in PEM. */
export interface Certificates {
    root: string;
    certificate: string;
    key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

const day = 86_400_000;

/**
 * Makes a root of this run and a certificate for every server name of every cloud. The root's key is thrown away.
 *
 * @param from when the certificate begins to be good; it is for a week, and the root for longer before and after
 */
export async function makeCertificates(from = new Date(Date.now() - 60_000)): Promise<Certificates> {
    const { subtle } = webcrypto;
    x509.cryptoProvider.set(webcrypto as never);
    const validity = { notBefore: from, notAfter: new Date(from.getTime() + 7 * day) };
    const rootKeys = await subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const root = await x509.X509CertificateGenerator.createSelfSigned({
        serialNumber: "01",
        name: "CN=Local emulation root",
        notBefore: new Date(Date.now() - 60 * day),
        notAfter: new Date(Date.now() + 60 * day),
        signingAlgorithm: algorithm,
        keys: rootKeys,
        extensions: [
            new x509.BasicConstraintsExtension(true, 0, true),
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        ],
    });
    const keys = await subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const names = Object.values(clouds).flatMap(({ hostSuffix, privateLinkZone }) => [
        `*.${hostSuffix}`,
        `*.${privateLinkZone}`,
    ]);
    const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: "02",
        subject: "CN=Local emulation",
        issuer: root.subject,
        ...validity,
        signingAlgorithm: algorithm,
        signingKey: rootKeys.privateKey,
        publicKey: keys.publicKey,
        extensions: [
            new x509.BasicConstraintsExtension(false),
            new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
            new x509.SubjectAlternativeNameExtension(
                [...names, "localhost"].map((value) => ({ type: "dns" as const, value })),
            ),
        ],
    });
    const pkcs8 = Buffer.from(await subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
    return {
        root: root.toString("pem"),
        certificate: certificate.toString("pem"),
        key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/(.{64})/g, "$1\n")}\n-----END PRIVATE KEY-----\n`,
    };
}
