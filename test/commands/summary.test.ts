import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { type IncomingMessage, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { code, codeBlock } from "../../commands/summary/markdown";
import { readPreview } from "../../commands/summary/preview";
import { longestComment, markerOf, summarize } from "../../commands/summary/render";
import { runCommand } from "../support/command";
import { isUpdating, matches, pathOf, recorded } from "./summary/recording";
import { beginnings } from "./summary/scenarios";

const scenarios = beginnings.flatMap((beginning) => beginning.scenarios.map(({ name }) => name));

interface Step {
    op: string;
    urn: string;
    oldState?: { type: string; inputs?: Record<string, unknown> };
    newState?: { type: string; inputs?: Record<string, unknown> };
    [property: string]: unknown;
}

async function stepsOf(name: string): Promise<Step[]> {
    return (JSON.parse(await recorded(name)) as { steps: Step[] }).steps;
}

function render(steps: unknown[], rest: object = {}) {
    return summarize(readPreview(JSON.stringify({ steps, ...rest })));
}

function step(op: string, type: string, name: string, states: { before?: object; after?: object }): Step {
    return {
        op,
        urn: `urn:pulumi:dev::orders::${type}::${name}`,
        ...(states.before && { oldState: { type, inputs: states.before as Record<string, unknown> } }),
        ...(states.after && { newState: { type, inputs: states.after as Record<string, unknown> } }),
    };
}

/** The command as a pipeline runs it. */
const run = (args: string[], input: string, environment: Record<string, string> = {}) =>
    runCommand(["summary", ...args], { input, environment: { GITHUB_TOKEN: undefined, ...environment } });

describe("the comment", () => {
    it.each(scenarios)("%s", async (name) => {
        await matches(`${name}.md`, summarize(readPreview(await recorded(name))).markdown);
    });

    it.skipIf(isUpdating)("has no recording that belongs to no scenario", async () => {
        const files = (await readdir(pathOf("."))).filter((file) => /\.(json|md)$/.test(file));
        const expected = [...scenarios.flatMap((name) => [`${name}.json`, `${name}.md`]), "two-thousand.md"];
        expect(files.sort()).toEqual(expected.sort());
    });

    it("stays within GitHub's limit at 2,000 resources and says what it leaves out", async () => {
        const gained = (await stepsOf("access-gained")).filter(({ urn }) => urn.includes("bob@contoso.com"));
        const many = Array.from({ length: 1000 }, (_, index) =>
            gained.map((each) => {
                const name = `team-${String(index).padStart(4, "0")}@contoso.com`;
                return JSON.parse(JSON.stringify(each).replaceAll("bob@contoso.com", name)) as Step;
            }),
        ).flat();
        expect(many.length).toBeGreaterThanOrEqual(2000);
        const { markdown } = render(many, { changeSummary: { create: many.length } });
        expect(Buffer.byteLength(markdown)).toBeLessThan(longestComment);
        const [, total = "", shown = ""] = /Every change \(([\d,]+) resources, ([\d,]+) shown\)/.exec(markdown) ?? [];
        const left = [...(/Left out for length: (.*)\./.exec(markdown)?.[1] ?? "").matchAll(/([\d,]+) ×/g)];
        const number = (counted: string): number => Number(counted.replaceAll(",", ""));
        expect(markdown.match(/^- create /gm)).toHaveLength(number(shown));
        expect(left.reduce((sum, [, each = ""]) => sum + number(each), number(shown))).toBe(number(total));
        await matches("two-thousand.md", markdown);
    });

    it("fits whatever the names and however much is destroyed, and what is destroyed stays on top", () => {
        const name = "🦆`".repeat(300);
        const server = { serverName: name, administratorLogin: name };
        const steps = Array.from({ length: 3000 }, (_, index) => ({
            ...step("replace", "azure-native:dbforpostgresql:Server", `${name}${String(index)}`, {
                before: server,
                after: { ...server, administratorLogin: "other" },
            }),
            replaceReasons: Array.from({ length: 20 }, () => name),
        }));
        const diagnostics = Array.from({ length: 50 }, () => ({ severity: "error", message: "\u202e`".repeat(3000) }));
        const { markdown, destroysData } = render(steps, { diagnostics, changeSummary: { [name]: 1 } });
        expect(destroysData).toBe(true);
        expect(Buffer.byteLength(markdown)).toBeLessThan(longestComment);
        expect(markdown).toContain("🔴 **Destroys data**");
        expect(markdown).toMatch(/… and [\d,]+ more that didn't fit here/);
    });

    it("lets no name out of its code span", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary" }), (name) => {
                const span = code(name);
                if (span === "(no name)") return;
                const [fence = ""] = /^`+/.exec(span) ?? [];
                const inside = span.slice(fence.length, -fence.length);
                expect(span.endsWith(fence)).toBe(true);
                expect(inside.match(/`+/g) ?? []).not.toContain(fence);
                expect(inside).not.toMatch(/[\r\n\u202e]/);
                expect(inside).not.toMatch(/^`|`$/);
            }),
        );
        expect(codeBlock("a\n```\n# b", 100)).toBe("````text\na\n```\n# b\n````");
        expect(markerOf("x --> <img>")).toBe("<!-- entra-postgres summary: x%20--%3E%20%3Cimg%3E -->");
    });

    it("sees that somebody is let in where PUBLIC stays out, and that an import gives nothing", () => {
        const type = "postgresql:index/grant:Grant";
        const shut = { role: "public", database: "d", objectType: "database", privileges: [] };
        const kept = { ...shut, role: "r", privileges: ["CONNECT"] };
        const ofRevocation = (each: Step): Step => ({
            ...each,
            urn: each.urn.replace(type, `entra-postgres:index:PublicRevocation$${type}`),
        });
        const letIn = ofRevocation(step("create", type, "r", { after: kept }));
        const stays = ofRevocation(step("same", type, "public", { before: shut, after: shut }));
        const comes = ofRevocation(step("create", type, "public", { after: shut }));
        expect(render([stays, letIn]).widensAccess).toBe(true);
        expect(render([comes, letIn]).widensAccess).toBe(false);
        expect(render([step("import", type, "r", { after: kept })]).widensAccess).toBe(false);
    });

    it("takes two servers' databases of one name apart", () => {
        const grant = { role: "r", database: "d", objectType: "database", privileges: ["CONNECT"] };
        const [there, here] = ["a", "b"].map((name) => ({
            provider: `urn:pulumi:p::s::pulumi:providers:postgresql::${name}::id`,
        }));
        const { markdown, widensAccess } = render([
            { ...step("delete", "postgresql:index/grant:Grant", "1", { before: grant }), ...there },
            { ...step("create", "postgresql:index/grant:Grant", "2", { after: grant }), ...here },
        ]);
        expect(widensAccess).toBe(true);
        expect(markdown).toContain("**may now connect** on database `d` through provider `b`");
    });

    it("writes privileges and kinds of object that it doesn't know as code", () => {
        const inputs = { role: "r", database: "d", objectType: "<b>", privileges: ["@octocat"] };
        const { markdown } = render([step("create", "postgresql:index/grant:Grant", "1", { after: inputs })], {
            changeSummary: { "<i>": 1 },
        });
        expect(markdown).toContain("**may now use `@octocat` on `<b>`**");
        expect(markdown).toContain("1 to `<i>`");
    });

    it("shows no secret, however it is marked", () => {
        const marked = {
            "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
            plaintext: '"hunter2"',
        };
        const before = { serverName: "orders", administratorLoginPassword: "hunter2", administratorLogin: marked };
        const { markdown } = render(
            [
                {
                    ...step("replace", "azure-native:dbforpostgresql:Server", "orders", {
                        before,
                        after: { ...before, administratorLoginPassword: "hunter22", administratorLogin: "[secret]" },
                    }),
                    replaceReasons: ["administratorLogin", "administratorLoginPassword"],
                },
            ],
            {
                diagnostics: [
                    {
                        severity: "error",
                        message: "error: postgres://keeper:hunter2@orders, password=hunter2 eyJhbGciOi.eyJzdWIi.c2ln",
                    },
                ],
            },
        );
        expect(markdown).toContain("`administratorLoginPassword` changes (a secret)");
        expect(markdown).not.toMatch(/hunter2|eyJ/);
    });

    it("takes grants that only change hands for no change, and a rule for addresses that were let in for no opening", () => {
        const grant = { role: "r", database: "d", objectType: "table", schema: "public", privileges: ["SELECT"] };
        const moved = ["delete", "create"].map((op) =>
            step(op, "postgresql:index/grant:Grant", op, op === "delete" ? { before: grant } : { after: grant }),
        );
        const wide = { serverName: "s", firewallRuleName: "a", startIpAddress: "10.0.0.0", endIpAddress: "10.0.0.255" };
        const narrow = { ...wide, firewallRuleName: "b", endIpAddress: "10.0.0.15" };
        const rules = [
            step("delete", "azure-native:dbforpostgresql:FirewallRule", "a", { before: wide }),
            step("create", "azure-native:dbforpostgresql:FirewallRule", "b", { after: narrow }),
        ];
        const { markdown, widensAccess } = render([...moved, ...rules]);
        expect(widensAccess).toBe(false);
        expect(markdown).not.toContain("may now");
        expect(markdown).toContain("which were let in already");
    });

    it.each([
        [
            "a role that reaches everywhere",
            "postgresql:index/grantRole:GrantRole",
            { role: "r", grantRole: "pg_read_all_data" },
            /reads everything in every database/,
        ],
        [
            "PUBLIC",
            "postgresql:index/grant:Grant",
            { role: "public", database: "d", objectType: "database", privileges: ["CREATE"] },
            /may \*\*make schemas/,
        ],
        [
            "an Azure role",
            "azure-native:authorization:RoleAssignment",
            { principalId: "p", roleDefinitionId: "/x/owner", scope: "/s" },
            /gains\*\* the Azure role `owner`/,
        ],
        ["a group", "azuread:index/groupMember:GroupMember", { memberObjectId: "m", groupObjectId: "g" }, /joins/],
        [
            "the whole Internet",
            "azure-native:dbforpostgresql:FirewallRule",
            { startIpAddress: "0.0.0.0", endIpAddress: "255.255.255.255" },
            /the whole Internet/,
        ],
        [
            "an inbound rule",
            "azure-native:network:SecurityRule",
            { access: "Allow", direction: "Inbound", priority: 1 },
            /allows inbound traffic from any to any, any port/,
        ],
        ["a private endpoint", "azure-native:network:PrivateEndpoint", { subnet: { id: "/a/b" } }, /way in from `b`/],
        [
            "plain connections",
            "azure-native:dbforpostgresql:Configuration",
            { configurationName: "require_secure_transport", value: "OFF" },
            /aren't encrypted/,
        ],
    ])("sees that access widens by %s, and narrows the other way round", (_, type, inputs, words) => {
        const opened = render([step("create", type, "x", { after: inputs })]);
        expect(opened).toMatchObject({ widensAccess: true, destroysData: false });
        expect(opened.markdown).toMatch(words);
        expect(render([step("delete", type, "x", { before: inputs })])).toMatchObject({ widensAccess: false });
    });

    it.each([
        [{ isMfa: true }, { isMfa: false }, /needs no multifactor/, true],
        [{ isAdmin: false }, { isAdmin: true }, /becomes administrator/, true],
        [{ canLogin: true }, { canLogin: false }, /no longer signs in itself/, false],
        [{ type: "Group" }, { type: "User", objectId: "o" }, /stands for another Entra object/, true],
    ])("tells a principal's change from %j to %j", (before, after, words, widens) => {
        const type = "entra-postgres:index:EntraPrincipal";
        const inputs = { serverName: "s", name: "n", type: "Group" };
        const changed = step("update", type, "n", { before: { ...inputs, ...before }, after: { ...inputs, ...after } });
        const { markdown, widensAccess } = render([{ ...changed, diffReasons: Object.keys(after) }]);
        expect(markdown).toMatch(words);
        expect(widensAccess).toBe(widens);
    });

    it("knows what is only forgotten, and what comes in several steps or with an API version in its type", () => {
        const type = "azure-native:dbforpostgresql/v20250801:Database";
        const database = { serverName: "s", databaseName: "d" };
        const kept = step("delete", type, "d", { before: database });
        const forgotten = render([{ ...kept, oldState: { ...kept.oldState, retainOnDelete: true } }]);
        expect(forgotten.destroysData).toBe(false);
        expect(forgotten.markdown).toContain("is **forgotten**");
        const replaced = render([
            {
                ...step("create-replacement", type, "d", { before: database, after: database }),
                replaceReasons: ["charset"],
            },
            step("replace", type, "d", { before: database, after: database }),
            step("delete-replaced", type, "d", { before: database }),
        ]);
        expect(replaced.destroysData).toBe(true);
        expect(replaced.markdown.match(/Database `d`/g)).toHaveLength(1);
    });
});

describe("entra-postgres summary", () => {
    it.each([
        ["", "There is nothing to read"],
        ["hello", "This isn't JSON"],
        ["null", "There are no steps in this JSON"],
        ['{"version":3,"deployment":{}}', "There are no steps in this JSON"],
        ['{"steps":[{"type":"t"}]}', "This isn't a preview: steps.0.op"],
    ])("says what it wants when it gets %j", async (input, message) => {
        const { exitCode, output, errors } = await run([], input);
        expect(exitCode).toBe(1);
        expect(output).toBe("");
        expect(errors).toContain(message);
        expect(errors).toContain("Give what `pulumi preview --json --show-sames` prints.");
        expect(errors).not.toMatch(/\n\s+at /);
    });

    it.each([
        ["database-deleted", ["destroys-data"], 3],
        ["server-replaced", ["widens-access", "destroys-data"], 3],
        ["database-deleted", ["widens-access"], 0],
        ["access-gained", ["widens-access"], 3],
        ["firewall-widened", ["widens-access"], 3],
        ["public-access-on", ["destroys-data"], 0],
        ["access-lost", ["widens-access", "destroys-data"], 0],
        ["preview-failed", ["widens-access"], 1],
        ["preview-failed", [], 0],
    ])("of %s with --fail-on %j ends with %i", async (name, failOn, expected) => {
        const { exitCode, output } = await run(
            [pathOf(`${name}.json`), ...failOn.flatMap((gate) => ["--fail-on", gate])],
            "",
        );
        expect(output).toBe(await readFile(pathOf(`${name}.md`), "utf8"));
        expect(exitCode).toBe(expected);
    });

    it("refuses another --fail-on, and a pull request that isn't named", async () => {
        const gate = await run(["--fail-on", "anything"], "");
        expect(gate.exitCode).toBe(2);
        expect(gate.errors).toContain("destroys-data, widens-access");
        const post = await run(["--post", "--repository", "contoso/orders"], "", { GITHUB_REF: "refs/heads/main" });
        expect(post.exitCode).toBe(1);
        expect(post.errors).toContain("give its number with --pull-request");
        const token = await run(["--post", "--repository", "contoso/orders", "--pull-request", "7"], "");
        expect(token.errors).toContain("GITHUB_TOKEN isn't set");
    });
});

interface Comment {
    id: number;
    body: string;
    html_url: string;
    user: { login: string; type: string };
}

describe("entra-postgres summary --post", () => {
    let server: Server | undefined;

    afterEach(async () => {
        const closing = server;
        if (closing?.listening === true) {
            closing.close();
            await once(closing, "close");
        }
        server = undefined;
    });

    const token = "token-not-to-be-seen";

    /** Stands in for GitHub: one pull request with comments, and the permissions of the token. */
    async function github(comments: Comment[], options: { isUser?: boolean; mayWrite?: boolean } = {}) {
        const requests: string[] = [];
        const answer = async (request: IncomingMessage): Promise<[status: number, body: unknown]> => {
            const url = new URL(request.url ?? "", "http://localhost");
            requests.push(`${request.method ?? ""} ${url.pathname}${url.search}`);
            if (request.headers.authorization !== `Bearer ${token}`) return [401, { message: "Bad credentials" }];
            const me = { login: "octocat", type: "User" };
            if (url.pathname === "/api/user") {
                return options.isUser === true
                    ? [200, me]
                    : [403, { message: "Resource not accessible by integration" }];
            }
            const user = options.isUser === true ? me : { login: "github-actions[bot]", type: "Bot" };
            if (request.method === "GET" && url.pathname === "/api/repos/contoso/orders/issues/7/comments") {
                const [size, page] = [Number(url.searchParams.get("per_page")), Number(url.searchParams.get("page"))];
                return [200, comments.slice((page - 1) * size, page * size)];
            }
            if (options.mayWrite === false) return [403, { message: "Must have write access" }];
            const { body } = (await json(request)) as { body: string };
            if (request.method === "POST" && url.pathname === "/api/repos/contoso/orders/issues/7/comments") {
                const made = { id: comments.length + 1, body, html_url: "https://example.com/made", user };
                comments.push(made);
                return [201, made];
            }
            const [, id = ""] = /^\/api\/repos\/contoso\/orders\/issues\/comments\/(\d+)$/.exec(url.pathname) ?? [];
            const found = comments.find((comment) => comment.id === Number(id));
            if (request.method !== "PATCH" || !found) return [404, { message: "Not Found" }];
            found.body = body;
            return [200, found];
        };
        server = createServer((request, response) => {
            void answer(request).then(([status, body]) => {
                response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
            });
        });
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        const { port } = server.address() as AddressInfo;
        const environment = {
            GITHUB_TOKEN: token,
            GITHUB_API_URL: `http://127.0.0.1:${String(port)}/api`,
            GITHUB_REPOSITORY: "contoso/orders",
            GITHUB_REF: "refs/pull/7/merge",
        };
        return {
            requests,
            post: (name: string, ...args: string[]) =>
                run([pathOf(`${name}.json`), "--post", ...args], "", environment),
        };
    }

    const by = (login: string, type: string, body: string, id: number): Comment => ({
        id,
        body,
        html_url: `https://example.com/${String(id)}`,
        user: { login, type },
    });

    it("comments once and then updates its own comment, a page further on too, and nobody else's", async () => {
        const marker = markerOf("orders/local");
        const chatter = Array.from({ length: 130 }, (_, index) => by("bob", "User", "Fine by me.", index + 1));
        const comments = [
            by("mallory", "User", `${marker}\nmine`, 1001),
            by("other[bot]", "Bot", `Quoting: ${marker}`, 1002),
            by("github-actions[bot]", "Bot", `${markerOf("orders/prod")}\nof another stack`, 1003),
            ...chatter,
        ];
        const before = structuredClone(comments);
        const { post, requests } = await github(comments);

        const first = await post("access-gained");
        expect(first).toMatchObject({ exitCode: 0, errors: "Commented: https://example.com/made\n" });
        expect(comments.at(-1)?.body).toBe(first.output);
        expect(requests.filter((request) => request.startsWith("GET /api/repos"))).toHaveLength(2);

        const second = await post("nothing-changes");
        expect(second).toMatchObject({ exitCode: 0, errors: "Updated the comment: https://example.com/made\n" });
        expect(comments.at(-1)?.body).toBe(second.output);
        expect(comments.slice(0, -1)).toEqual(before);
    });

    it("keeps a comment for each marker, and a user's apart from another user's", async () => {
        const comments = [by("hubot", "User", markerOf("prod"), 1), by("octocat", "User", markerOf("prod"), 2)];
        const { post } = await github(comments, { isUser: true });
        await post("nothing-changes", "--comment-marker", "prod");
        await post("nothing-changes", "--comment-marker", "test");
        expect(comments.map(({ body }) => body.split("\n")[0])).toEqual(["prod", "prod", "test"].map(markerOf));
        expect(comments[0]?.body).toBe(markerOf("prod"));
        expect(comments[1]?.body).toContain("Nothing changes");
    });

    it("posts before it fails a gate, and says what GitHub refused without the token", async () => {
        const comments: Comment[] = [];
        const { post } = await github(comments);
        expect((await post("database-deleted", "--fail-on", "destroys-data")).exitCode).toBe(3);
        expect(comments).toHaveLength(1);
        server?.close();

        const refusing = await github([], { mayWrite: false });
        const refused = await refusing.post("nothing-changes");
        expect(refused.exitCode).toBe(1);
        expect(refused.errors).toContain("403 to POST /repos/contoso/orders/issues/7/comments: Must have write access");
        expect(refused.errors).toContain("pull-requests: write");
        expect(refused.errors).not.toContain(token);
    });

    it("says that GitHub isn't reached", async () => {
        const { errors, exitCode } = await run(["--post", pathOf("nothing-changes.json")], "", {
            GITHUB_TOKEN: token,
            GITHUB_API_URL: "http://127.0.0.1:9",
            GITHUB_REPOSITORY: "contoso/orders",
            GITHUB_REF: "refs/pull/7/merge",
        });
        expect(exitCode).toBe(1);
        expect(errors).toContain("http://127.0.0.1:9 isn't reached");
    });
});
