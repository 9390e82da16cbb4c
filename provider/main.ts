/** Runs the provider as the engine's plugin: the first line of standard output is the port. */
import { entraPostgres } from "./provider";
import { serve } from "./protocol/serve";

async function main(): Promise<void> {
    const served = await serve(entraPostgres());
    // Ctrl-C reaches the whole process group; the engine tells this process when to stop.
    process.on("SIGINT", () => undefined);
    process.on("SIGTERM", () => {
        void served.close().finally(() => process.exit(0));
    });
    console.log(served.port);
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
