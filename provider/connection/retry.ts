import { backOff } from "exponential-backoff";
import { signInFailure } from "./sign-in-errors";

/** The parts of an error from the driver or the database that tell whether to try again. */
interface DatabaseError {
    code?: string;
    message: string;
}

/** What passes by itself, and for how many seconds it is waited for at most. */
type Passing = "directory" | "name" | "sign-in" | "connection" | "catalog";

/** How long, in seconds, each is waited for; never longer than the provider's patience. */
const longest: Record<Passing, number> = {
    // Entra takes minutes to show a new object to the database.
    directory: 600,
    // A name that isn't found is a misspelt one more often than a new one.
    name: 30,
    // A new administrator can't sign in for up to a minute.
    "sign-in": 60,
    // A server that restarts, fails over or is full.
    connection: 300,
    catalog: 60,
};

/** Whether it is PgBouncer that answers, which lets nobody say in which schemas to look. */
export function isPooler(message: string): boolean {
    return message.includes("unsupported startup parameter");
}

/** The kind of an error that passes, or undefined for one that stays. */
export function passing(error: unknown): Passing | undefined {
    const { code = "", message } = error as DatabaseError;
    if (/OID (isn't|is not) found in the tenant/i.test(message)) return "directory";
    if (/name (isn't|is not) found in the tenant/i.test(message)) return "name";
    if (/tuple concurrently (updated|deleted)/i.test(message) || ["40001", "40P01", "23505"].includes(code))
        return "catalog";
    if (isPooler(message)) return undefined;
    if (["53300", "57P01", "57P02", "57P03"].includes(code) || code.startsWith("08")) return "connection";
    if (["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"].includes(code)) return "connection";
    if (/Connection terminated|timeout expired|socket disconnected|is not queryable/i.test(message))
        return "connection";
    if (code.startsWith("28") && signInFailure(message)?.mayPass === true) return "sign-in";
    return undefined;
}

/**
 * Does work again while it fails for a reason that passes. The work must look at what is there before it acts: a connection
 * that broke may have done its work already.
 */
export async function retrying<T>(patience: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const started = Date.now();
    signal.throwIfAborted();
    let cancel = (): void => undefined;
    const cancelled = new Promise<never>((_, reject) => {
        cancel = () => {
            reject(new Error("the deployment was cancelled"));
        };
    });
    signal.addEventListener("abort", cancel);
    return Promise.race([
        cancelled,
        backOff(work, {
            numOfAttempts: Number.POSITIVE_INFINITY,
            startingDelay: 100,
            timeMultiple: 1.6,
            maxDelay: 10_000,
            jitter: "full",
            retry: (error: unknown) => {
                const kind = passing(error);
                const waited = (Date.now() - started) / 1000;
                return kind !== undefined && !signal.aborted && waited < Math.min(patience, longest[kind]);
            },
        }),
    ]).finally(() => {
        signal.removeEventListener("abort", cancel);
    });
}
