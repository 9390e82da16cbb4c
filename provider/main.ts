/** Runs the provider as the engine's plugin: the first line of standard output is the port. */
import { entraPostgres } from "./provider";
import { serve } from "./protocol/serve";

async function main(): Promise<void> {
    const served = await serve(entraPostgres());
    // The engine's way of saying that it is done; Ctrl-C sends the same, with calls perhaps under way.
    for (const signal of ["SIGINT", "SIGTERM"]) {
        process.on(signal, () => {
            void served.finish().finally(() => process.exit(0));
        });
    }
    // An engine that was killed says nothing.
    const engine = process.ppid;
    setInterval(() => {
        if (process.ppid !== engine) process.exit(0);
    }, 2000).unref();
    // As a text: a number would be coloured where FORCE_COLOR is set.
    console.log(String(served.port));
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
