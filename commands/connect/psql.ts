/** Runs psql with a fresh token, which only its environment holds. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { keywords } from "../../components/access/connection-string";
import type { SignInFacts } from "../../components/access/shells";
import { signInFailure } from "../../provider/connection/sign-in-errors";
import { azureRootCertificates } from "./root-certificates";

export interface RunOptions {
    /** A query; without one psql is opened. */
    query?: string | undefined;
    token: string;
    rootCertificate?: string | undefined;
    hostAddress?: string | undefined;
}

/** The version of psql on this machine; undefined where there is none. */
export async function psqlVersion(): Promise<string | undefined> {
    try {
        const { stdout } = await promisify(execFile)("psql", ["--version"]);
        return /\d+(\.\d+)*/.exec(stdout)?.[0];
    } catch {
        return undefined;
    }
}

/** Whether psql finds the system's root certificates: since version 16, and not on Windows, where OpenSSL has none. */
export function findsSystemRoots(version: string, platform: NodeJS.Platform = process.platform): boolean {
    return Number.parseInt(version) >= 16 && platform !== "win32";
}

/** Runs psql to its end; the result is its exit code. */
export async function runPsql(facts: SignInFacts, options: RunOptions): Promise<number> {
    const version = await psqlVersion();
    if (version === undefined) {
        throw new Error(
            "psql isn't installed here. Install PostgreSQL's client, or leave --run out to see the commands.",
        );
    }
    if (options.rootCertificate !== undefined || findsSystemRoots(version)) return spawnPsql(facts, options);
    const folder = await mkdtemp(join(tmpdir(), "entra-postgres-"));
    try {
        const rootCertificate = join(folder, "roots.pem");
        await writeFile(rootCertificate, azureRootCertificates());
        return await spawnPsql(facts, { ...options, rootCertificate });
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

async function spawnPsql(
    facts: SignInFacts,
    { query, token, rootCertificate, hostAddress }: RunOptions,
): Promise<number> {
    const connection = [
        keywords(facts, rootCertificate),
        ...(hostAddress === undefined ? [] : [`hostaddr=${hostAddress}`]),
    ].join(" ");
    // In a session psql and its shell commands want the terminal; of a query the errors are read as well as shown.
    const child = spawn("psql", [connection, ...(query === undefined ? [] : ["--command", query])], {
        stdio: ["inherit", "inherit", query === undefined ? "inherit" : "pipe"],
        env: { ...process.env, PGPASSWORD: token },
    });
    // Ctrl-C ends a query inside psql, which is in the same process group, and not what waits for it.
    const ignore = (): void => undefined;
    process.on("SIGINT", ignore);
    let errors = "";
    child.stderr?.on("data", (chunk: Buffer) => {
        errors += chunk.toString();
        process.stderr.write(chunk);
    });
    const [code] = (await once(child, "close")) as [number | null];
    process.off("SIGINT", ignore);
    const failure = code === 0 ? undefined : signInFailure(errors);
    if (failure) console.error(`That is: ${failure.cause}. ${failure.fix}`);
    return code ?? 1;
}
