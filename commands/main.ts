#!/usr/bin/env node
/** Runs the command `entra-postgres`. */
import { program } from "./program";

program()
    .parseAsync()
    .catch((error: unknown) => {
        console.error(error instanceof Error ? error.message : String(error));
        process.exitCode = 1;
    });
