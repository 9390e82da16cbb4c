import { describe, expect, it } from "vitest";
import { wantsColours } from "../../commands/colours";
import { runCommand } from "../support/command";

const terminal = { isTTY: true };
const file = {};

describe("colours", () => {
    it.each([
        ["a terminal", terminal, {}, true],
        ["a file", file, {}, false],
        ["a terminal without colours", terminal, { TERM: "dumb" }, false],
        ["a terminal with NO_COLOR", terminal, { NO_COLOR: "1" }, false],
        ["a terminal with an empty NO_COLOR, which means nothing", terminal, { NO_COLOR: "" }, true],
        ["a file with FORCE_COLOR", file, { FORCE_COLOR: "1" }, true],
        ["a terminal with FORCE_COLOR=0", terminal, { FORCE_COLOR: "0" }, false],
        ["a file with both", file, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
        ["a file on a build server", file, { CI: "true" }, false],
    ])("in %s are as they are wanted", (_, stream, environment, wanted) => {
        expect(wantsColours(stream, environment)).toBe(wanted);
    });

    it.each([
        [{ NO_COLOR: "1", FORCE_COLOR: "1" }, false],
        [{ NO_COLOR: undefined, FORCE_COLOR: undefined, CI: "true" }, false],
        [{ NO_COLOR: undefined, FORCE_COLOR: "1" }, true],
    ])("are in a command's output with %j: %s", async (environment, wanted) => {
        const { output } = await runCommand(["network", "check", "--subnet-prefix", "10.0.0.0/28"], { environment });
        expect(output.includes("\u001B[")).toBe(wanted);
    });
});
