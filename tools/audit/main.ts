/** `npm run audit`: known weaknesses in what the package needs. With `--required`, not being able to tell is a failure. */
import { spawnSync } from "node:child_process";
import { packageRoot } from "../../local/package-root";
import { verdictOf } from "./verdict";

// Where there is no way to the registry, npm would wait for minutes.
const patience = ["--fetch-timeout=30000", "--fetch-retries=1"];
const { stdout } = spawnSync("npm", ["audit", "--json", "--omit=dev", ...patience], {
    cwd: packageRoot,
    encoding: "utf8",
});
const verdict = verdictOf(stdout);
switch (verdict.kind) {
    case "Clean":
        console.log(`No grave weakness is known in the dependencies (${String(verdict.minor)} minor).`);
        break;
    case "Vulnerable":
        console.error(verdict.lines.join("\n"));
        console.error("Run: npm audit fix. If there is no newer version, replace or override the dependency.");
        process.exitCode = 1;
        break;
    case "NotAudited":
        console.error(`Not audited, so nothing is known: ${verdict.reason}`);
        if (process.argv.includes("--required")) process.exitCode = 1;
}
