/** `entra-postgres summary`: a preview as one comment for a pull request. */
import { givenText } from "../input";
import { wanted } from "../preview-json";
import { type Gate, gateExitCode } from "./gates";
import { type PullRequest, postComment } from "./github";
import { type Preview, readPreview } from "./preview";
import { type Summary, summarize } from "./render";

export interface SummaryOptions {
    /** What tells the comment of this stack from others'. @default - project and stack of the preview */
    commentMarker?: string;
    /** Whether the comment is written to GitHub, besides standard output. */
    post?: boolean;
    /** `owner/name`. @default - GITHUB_REPOSITORY */
    repository?: string;
    /** @default - the one in GITHUB_REF */
    pullRequest?: string;
    failOn?: Gate[];
}

/** Prints the summary and posts it if asked to; the result is the process's exit code. */
export async function summary(file: string | undefined, options: SummaryOptions): Promise<number> {
    const target = options.post === true ? pullRequestOf(options, process.env) : undefined;
    const preview = readPreview(await givenText(file === "-" ? undefined : file, wanted));
    const result = summarize(preview, options.commentMarker);
    process.stdout.write(result.markdown);
    if (target) {
        const { url, isNew } = await postComment(target, result.marker, result.markdown);
        console.error(`${isNew ? "Commented" : "Updated the comment"}: ${url}`);
    }
    return judge(preview, result, options.failOn ?? []);
}

function judge(preview: Preview, { destroysData, widensAccess }: Summary, failOn: readonly Gate[]): number {
    const met = failOn.filter((gate) => (gate === "destroys-data" ? destroysData : widensAccess));
    if (met.length > 0) {
        console.error(`The preview ${met.map((gate) => gate.replace("-", " ")).join(" and ")}.`);
        return gateExitCode;
    }
    if (failOn.length > 0 && preview.errors.length > 0) {
        console.error(
            `The preview failed, so it can't be told whether it ${failOn.join(" or ").replaceAll("-", " ")}.`,
        );
        return 1;
    }
    return 0;
}

/** Where to comment, by options and by the variables that GitHub Actions sets. */
export function pullRequestOf(options: SummaryOptions, environment: NodeJS.ProcessEnv): PullRequest {
    const repository = options.repository ?? environment["GITHUB_REPOSITORY"];
    if (repository === undefined || !/^[\w.-]+\/[\w.-]+$/.test(repository)) {
        throw new Error(
            `The repository is ${JSON.stringify(repository ?? "")}: give it as owner/name with --repository or GITHUB_REPOSITORY.`,
        );
    }
    const [, referred] = /^refs\/pull\/(\d+)\//.exec(environment["GITHUB_REF"] ?? "") ?? [];
    const number = options.pullRequest ?? referred;
    if (number === undefined || !/^[1-9]\d{0,9}$/.test(number)) {
        throw new Error(
            `The pull request is ${JSON.stringify(number ?? "")}: give its number with --pull-request. ` +
                "GITHUB_REF holds it only in workflows that a pull request starts.",
        );
    }
    const token = environment["GITHUB_TOKEN"];
    if (token === undefined || token === "") {
        throw new Error(
            "GITHUB_TOKEN isn't set: give a token that may write comments. It is read from the environment only.",
        );
    }
    return {
        apiUrl: environment["GITHUB_API_URL"] ?? "https://api.github.com",
        repository,
        number: Number(number),
        token,
    };
}
