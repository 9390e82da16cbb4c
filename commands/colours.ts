/** Colours where they are wanted. Sources: no-color.org, and Node's "Color support" for FORCE_COLOR. */
import { createColors } from "picocolors";

/** Whether text for a stream is coloured: as the variables say, otherwise in a terminal that has colours. */
export function wantsColours(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv = process.env): boolean {
    const { NO_COLOR: never = "", FORCE_COLOR: forced, TERM: terminal } = environment;
    if (never !== "") return false;
    if (forced !== undefined) return !["0", "false"].includes(forced);
    return stream.isTTY === true && terminal !== "dumb";
}

/** For what goes to standard output. */
export const colours = createColors(wantsColours(process.stdout));

/** For what goes to standard error. */
export const errorColours = createColors(wantsColours(process.stderr));
