/** The few messages of PostgreSQL's protocol that the gateway reads or writes. Source: PostgreSQL, "Message Formats". */
import type { Refusal } from "./token-check";

export const sslRequest = 80877103;
export const gssEncryptionRequest = 80877104;
export const cancelRequest = 80877102;

/** Parameters of a start-up message: user, database and the client's settings. */
export function startupParameters(message: Buffer): Record<string, string> {
    const words = message.subarray(8).toString("utf8").split("\0");
    const parameters: Record<string, string> = {};
    for (let i = 0; i + 1 < words.length && words[i] !== ""; i += 2) parameters[words[i] ?? ""] = words[i + 1] ?? "";
    return parameters;
}

export function askForCleartextPassword(): Buffer {
    return message("R", int32(3));
}

export function fatal({ code, message: text, hint }: Refusal): Buffer {
    const fields = [`SFATAL`, `VFATAL`, `C${code}`, `M${text}`, ...(hint === undefined ? [] : [`H${hint}`])];
    return message("E", Buffer.from(`${fields.join("\0")}\0\0`, "utf8"));
}

function message(type: string, body: Buffer): Buffer {
    return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32BE(value);
    return buffer;
}

const securityLabel =
    /^\s*SECURITY\s+LABEL\s+FOR\s+(?:"?pgaadauth"?|'pgaadauth')\s+ON\s+ROLE\s+("(?:[^"]|"")+"|[\w$]+)\s+IS\s+(NULL|'(?:[^']|'')*')\s*;?\s*$/i;

/**
 * Watches the messages of a client. Stock PostgreSQL knows no label provider `pgaadauth`, so a lone `SECURITY LABEL`
 * statement for it becomes a call of the stand-in's function; everything else passes as it is.
 */
export class ClientMessages {
    #buffer = Buffer.alloc(0);
    /** Bytes of the present message that are still to come and pass unread. */
    #passing = 0;

    constructor(private readonly onStatement: (sql: string) => void) {}

    /** Takes bytes as they come and returns what may go on to the server. */
    push(chunk: Buffer): Buffer {
        const out: Buffer[] = [];
        let input = this.#buffer.length > 0 ? Buffer.concat([this.#buffer, chunk]) : chunk;
        for (;;) {
            if (this.#passing > 0) {
                const part = input.subarray(0, this.#passing);
                out.push(part);
                this.#passing -= part.length;
                input = input.subarray(part.length);
            }
            if (input.length < 5 || this.#passing > 0) break;
            const [type, length] = [String.fromCharCode(input[0] ?? 0), 1 + input.readInt32BE(1)];
            if (type !== "Q" && type !== "P") {
                this.#passing = length;
                continue;
            }
            if (input.length < length) break;
            out.push(this.#rewrite(type, input.subarray(0, length)));
            input = input.subarray(length);
        }
        this.#buffer = Buffer.from(input);
        return Buffer.concat(out);
    }

    #rewrite(type: "Q" | "P", whole: Buffer): Buffer {
        const start = type === "Q" ? 5 : whole.indexOf(0, 5) + 1;
        const end = whole.indexOf(0, start);
        const sql = whole.subarray(start, end).toString("utf8");
        this.onStatement(sql);
        const [, role, label] = securityLabel.exec(sql) ?? [];
        if (role === undefined || label === undefined) return whole;
        const name = role.startsWith('"') ? role.slice(1, -1).replace(/""/g, '"') : role.toLowerCase();
        const call = `BEGIN PERFORM pgaadauth_standin.label(${literal(name)}::name, ${label}); END`;
        const body = Buffer.concat([
            whole.subarray(5, start),
            Buffer.from(`DO ${literal(call)}`, "utf8"),
            whole.subarray(end),
        ]);
        return message(type, body);
    }
}

/** A string constant, whatever standard_conforming_strings says. */
function literal(text: string): string {
    const quoted = `'${text.replace(/'/g, "''")}'`;
    return text.includes("\\") ? ` E${quoted.replace(/\\/g, "\\\\")}` : quoted;
}
