/** `entra-postgres local`: the main job on this machine, from nothing to a signed-in reader and back to nothing. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { alice, readers } from "../../local/directory/contoso";
import { Emulation } from "../../local/emulation";
import { LocalStack, changed } from "../../local/engine/local-stack";
import { configurationOf } from "../../local/stack-files";
import { checkSignIn } from "../../local/sign-in-check";
import program from "../../stacks/program";
import { screen, seconds } from "../screen";
import { DeploymentLog, adviceFor } from "./deployment-log";

/** The networks that a local run can have. */
export const networks = {
    public: { mode: "PublicAccess", firewallRules: [{ name: "this-machine", cidr: "127.0.0.1/32" }] },
    "virtual-network": {
        mode: "VirtualNetworkIntegration",
        virtualNetwork: { addressPrefix: "10.20.0.0/16" },
        delegatedSubnet: { addressPrefix: "10.20.4.0/28" },
        clients: { applications: "10.20.0.0/22" },
        denyOther: ["Inbound", "Outbound"],
        firewallAddress: "10.20.200.4",
    },
    "private-endpoint": {
        mode: "PrivateEndpoint",
        virtualNetwork: { addressPrefix: "10.20.0.0/16" },
        subnet: { addressPrefix: "10.20.8.0/26" },
    },
} as const;

export interface LocalOptions {
    /** How the server is reached. @default "public" */
    network?: keyof typeof networks;
    /** Leave it running at the end and say how to connect. */
    keep?: boolean;
}

/** Thrown for a failure that has been shown already. */
class Shown extends Error {}

/** Runs the main job; the result is the process's exit code. */
export async function local(options: LocalOptions): Promise<number> {
    const started = Date.now();
    const interrupted = new AbortController();
    let emulation: Emulation | undefined;
    // The engine is in this process group and gets Ctrl-C as well; this process waits for it and then clears up.
    const interrupt = (): void => {
        if (interrupted.signal.aborted) return;
        screen.note("\nStopping and clearing up …");
        interrupted.abort();
    };
    process.on("SIGINT", interrupt);
    process.on("SIGTERM", interrupt);
    try {
        screen.heading("Entra sign-in to PostgreSQL, on this machine");
        emulation = await Emulation.start();
        screen.passed("Emulation of Azure is up", `gateway on 127.0.0.1:${String(emulation.gateway.port)}`);
        await mainJob(emulation, options, interrupted.signal);
        screen.passed(`Everything passed`, `${seconds(started)} in all`);
        return 0;
    } catch (error) {
        if (interrupted.signal.aborted) return 130;
        if (!(error instanceof Shown)) screen.failed(error instanceof Error ? error.message : String(error));
        return 1;
    } finally {
        await emulation?.stop();
        process.off("SIGINT", interrupt);
        process.off("SIGTERM", interrupt);
    }
}

async function mainJob(emulation: Emulation, options: LocalOptions, signal: AbortSignal): Promise<void> {
    const log = new DeploymentLog((sign, text) => {
        screen.change(sign, text);
    });
    const stack = await LocalStack.create({
        emulation,
        program: () => Promise.resolve(program()),
        config: { ...(await configurationOf("local")), "orders:network": networks[options.network ?? "public"] },
        onEvent: log.take,
        say: (message) => {
            screen.note(message);
        },
    });

    const preview = await step("Preview", () => stack.preview());
    screen.passed("Preview", `${String(preview.changes.create ?? 0)} resources to create`);

    screen.step("Up");
    const up = await step("Up", () => stack.up());
    screen.passed("Up", `${String(up.changes.create ?? 0)} resources created`);

    screen.step("Sign in");
    const host = String(up.outputs["host"]?.value);
    const checks = await checkSignIn(emulation, host, "orders");
    for (const { what, passed, answer } of checks) {
        if (passed) screen.passed(what);
        else screen.failed(what, `the server answered: ${answer}`);
    }
    if (checks.some(({ passed }) => !passed)) throw new Shown();

    const again = await step("Second preview", () => stack.preview());
    requireQuiet("Second preview shows no change", changed(again.changes), again.text);
    const refreshed = await step("Refresh", () => stack.refresh());
    requireQuiet("Refresh shows no drift", changed(refreshed.changes), refreshed.text);

    if (options.keep === true) {
        await stayUp(emulation, host, signal);
        return;
    }
    screen.step("Destroy");
    await step("Destroy", () => stack.destroy());
    screen.passed("Destroy", "nothing is left");

    async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
        signal.throwIfAborted();
        try {
            return await work();
        } catch (error) {
            if (signal.aborted) throw error;
            screen.failed(`${name} failed`);
            if (log.failures.length === 0) screen.plain(error instanceof Error ? error.message : String(error));
            for (const failure of log.failures) {
                screen.plain(failure.type === "" ? "program" : `${failure.type} "${failure.name}"`);
                screen.plain(`  ${failure.message}`);
                screen.plain(`  → ${adviceFor(failure)}`);
            }
            throw new Shown();
        }
    }
}

function requireQuiet(what: string, changes: number, text: string): void {
    if (changes === 0) {
        screen.passed(what);
        return;
    }
    screen.failed(what, `${String(changes)} changes`);
    screen.plain(text);
    throw new Shown();
}

/** Says how to connect, then waits for Ctrl-C. */
async function stayUp(emulation: Emulation, host: string, signal: AbortSignal): Promise<void> {
    const root = join(emulation.runDirectory, "root.pem");
    await writeFile(root, emulation.gateway.certificates.root, { mode: 0o644 });
    screen.heading("Still running. Connect with psql (Ctrl-C stops it):");
    screen.plain(`export PGPASSWORD="$(curl -s '${emulation.issuer.tokenUrl(alice.userPrincipalName)}')"`);
    screen.plain(
        `psql "host=${host} hostaddr=127.0.0.1 port=${String(emulation.gateway.port)} dbname=orders \\\n` +
            `  user='${readers.displayName}' sslmode=verify-full \\\n  sslrootcert=${root}"`,
    );
    screen.note("Other people of the tenant: bob@contoso.com (no member), dana@contoso.com (Prod DB Admins).");
    await new Promise<void>((resolve) => {
        const alive = setInterval(() => undefined, 60_000);
        signal.addEventListener("abort", () => {
            clearInterval(alive);
            resolve();
        });
    });
}
