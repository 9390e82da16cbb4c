/** Reads what a command was given: a file, or standard input. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

/**
 * @param file a file's name; without one, standard input is read
 * @param wanted a sentence that says what to give
 * @throws Error that says so, when nothing is given or it can't be read
 */
export async function givenText(file: string | undefined, wanted: string): Promise<string> {
    if (file === undefined) {
        // A person at a terminal would wait for nothing to happen.
        if (process.stdin.isTTY) throw new Error(`Nothing was given. ${wanted}`);
        return text(process.stdin);
    }
    try {
        return await readFile(file, "utf8");
    } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        throw new Error(code === "ENOENT" ? `There is no file ${file}. ${wanted}` : `${message}. ${wanted}`);
    }
}
