/** Keeps one comment of a pull request up to date through GitHub's REST API. Source: "REST API endpoints for issue comments". */
import { z } from "zod";

export interface PullRequest {
    /** Where the API is, such as `https://api.github.com`. */
    apiUrl: string;
    /** `owner/name`. */
    repository: string;
    number: number;
    /** Sent in a header and nowhere shown. */
    token: string;
}

/** Where a comment is, and whether it is a new one. */
export interface Posted {
    url: string;
    isNew: boolean;
}

const commentShape = z.object({
    id: z.number(),
    html_url: z.string().default(""),
    body: z.string().nullish(),
    user: z.object({ login: z.string(), type: z.string().optional() }).nullish(),
});
type Comment = z.infer<typeof commentShape>;

const pageSize = 100;

/**
 * Updates the comment that begins with the marker and is the caller's own, or makes one.
 *
 * @throws Error with GitHub's status and message, and with the permission that is missing
 */
export async function postComment(pullRequest: PullRequest, marker: string, body: string): Promise<Posted> {
    const isMine = await ownership(pullRequest);
    const path = `/repos/${pullRequest.repository}/issues`;
    const mine = (await comments()).find((comment) => comment.body?.startsWith(marker) === true && isMine(comment));
    const answer = mine
        ? await call(pullRequest, "PATCH", `${path}/comments/${String(mine.id)}`, { body })
        : await call(pullRequest, "POST", `${path}/${String(pullRequest.number)}/comments`, { body });
    return { url: commentShape.parse(answer).html_url, isNew: mine === undefined };

    async function comments(): Promise<Comment[]> {
        const all: Comment[] = [];
        for (let page = 1; ; page++) {
            const query = `?per_page=${String(pageSize)}&page=${String(page)}`;
            const answer = await call(pullRequest, "GET", `${path}/${String(pullRequest.number)}/comments${query}`);
            const found = z.array(commentShape).parse(answer);
            all.push(...found);
            if (found.length < pageSize) return all;
        }
    }
}

/** Whoever copies the marker into a comment of their own keeps that comment. */
async function ownership(pullRequest: PullRequest): Promise<(comment: Comment) => boolean> {
    const response = await request(pullRequest, "GET", "/user");
    if (response.ok) {
        const { login } = z.object({ login: z.string() }).parse(await response.json());
        return ({ user }) => user?.login === login;
    }
    // A workflow's token isn't a user's, and its comments are a bot's.
    if (response.status === 403 || response.status === 404) return ({ user }) => user?.type === "Bot";
    throw await refusal(response, "GET", "/user");
}

async function call(pullRequest: PullRequest, method: string, path: string, body?: object): Promise<unknown> {
    const response = await request(pullRequest, method, path, body);
    if (!response.ok) throw await refusal(response, method, path);
    return response.json();
}

async function request({ apiUrl, token }: PullRequest, method: string, path: string, body?: object): Promise<Response> {
    try {
        return await fetch(`${apiUrl.replace(/\/+$/, "")}${path}`, {
            method,
            headers: {
                accept: "application/vnd.github+json",
                authorization: `Bearer ${token}`,
                "content-type": "application/json",
                "user-agent": "entra-postgres",
                "x-github-api-version": "2022-11-28",
            },
            signal: AbortSignal.timeout(30_000),
            ...(body && { body: JSON.stringify(body) }),
        });
    } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
        throw new Error(`${apiUrl} isn't reached: ${cause}. GITHUB_API_URL says where the API is.`, { cause: error });
    }
}

async function refusal(response: Response, method: string, path: string): Promise<Error> {
    const answer: unknown = await response.json().catch(() => undefined);
    const message = z.object({ message: z.string() }).safeParse(answer).data?.message ?? response.statusText;
    const hints: Record<number, string> = {
        401: " GITHUB_TOKEN is wrong or has expired.",
        403: " The token needs the permission `pull-requests: write` (and `issues: write` for some tokens).",
        404: " Check the repository and the number of the pull request, and that the token may see them.",
    };
    return new Error(
        `GitHub answered ${String(response.status)} to ${method} ${path.split("?")[0] ?? ""}: ${message}.${hints[response.status] ?? ""}`,
    );
}
