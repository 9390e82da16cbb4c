/** The certificates that servers' chains end in, for clients that don't read the system's own. */
import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";

/**
 * Roots only: the others change. Fingerprints are SHA-256.
 * Source: "Transport layer security (TLS) in Azure Database for PostgreSQL", root certificates (Microsoft Learn).
 */
const roots = [
    {
        name: "DigiCert Global Root G2",
        fingerprint: "CB:3C:CB:B7:60:31:E5:E0:13:8F:8D:D3:9A:23:F9:DE:47:FF:C3:5E:43:C1:14:4C:EA:27:D4:6A:5A:B1:CB:5F",
        isNeeded: true,
    },
    {
        name: "Microsoft RSA Root Certificate Authority 2017",
        fingerprint: "C7:41:F7:0F:4B:2A:8D:88:BF:2E:71:C1:41:22:EF:53:EF:10:EB:A0:CF:A5:E6:4C:FA:20:F4:18:85:30:73:E0",
        isNeeded: true,
    },
    {
        // Servers in China had it last.
        name: "DigiCert Global Root CA",
        fingerprint: "43:48:A0:E9:44:4C:78:CB:26:5E:05:8D:5E:89:44:B4:D8:4F:96:62:BD:26:DB:25:7F:89:34:A4:43:C7:01:61",
        isNeeded: false,
    },
];

/** The roots in PEM, taken from those that Node trusts. */
export function azureRootCertificates(trusted: readonly string[] = rootCertificates): string {
    const known = new Map(trusted.map((pem) => [new X509Certificate(pem).fingerprint256, pem]));
    const missing = roots.filter(({ fingerprint, isNeeded }) => isNeeded && !known.has(fingerprint));
    if (missing.length > 0) {
        throw new Error(
            `This Node doesn't know ${missing.map(({ name }) => name).join(" and ")}. Download the root certificates ` +
                `that Microsoft lists for Azure Database for PostgreSQL, and give the file as --root-certificate.`,
        );
    }
    return roots
        .flatMap(({ name, fingerprint }) => {
            const pem = known.get(fingerprint);
            return pem === undefined ? [] : [`# ${name}\n${pem.trim()}\n`];
        })
        .join("");
}
