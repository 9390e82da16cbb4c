#!/usr/bin/env node
/** Runs the command `entra-postgres`. */
import { visibleLines } from "../components/visible";
import { program } from "./program";

program()
    .parseAsync()
    .catch((error: unknown) => {
        console.error(visibleLines(error instanceof Error ? error.message : String(error)));
        process.exitCode = 1;
    });
