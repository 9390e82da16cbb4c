import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Access } from "../../index";
import { alice, awkward, bob, readers, writers } from "../../local/directory/contoso";
import { changed } from "../../local/engine/local-stack";
import { catalogOf } from "../support/catalog";
import { Deployment, entraPostgres } from "../support/deployment";

const access: Access[] = [
    { principal: { type: "Group", name: readers.displayName }, database: "orders", profile: "Reader" },
    { principal: { type: "Group", name: writers.displayName }, database: "orders", profile: "Writer" },
    { principal: { type: "Group", name: awkward.displayName }, database: "billing", profile: "Owner" },
    { principal: { type: "User", name: bob.userPrincipalName }, database: "billing", profile: "Reader" },
];
const program = entraPostgres({ databases: [{ name: "orders" }, { name: "billing" }], access });
const databases = ["orders", "billing"];

let deployment: Deployment;

beforeEach(async () => {
    deployment = await Deployment.start({ config: { "entra-postgres:patience": "20" } });
});

afterEach(async () => {
    await deployment.stop();
});

function instance() {
    const [resource] = deployment.emulation.resourceManager.list("dbforpostgresql:Server");
    const state = resource && deployment.emulation.resourceManager.serverById(resource.id);
    if (!state?.instance) throw new Error("there is no server");
    return state.instance;
}

/** What a deployment makes to which nothing happens. */
async function undisturbed(): Promise<unknown[]> {
    const other = await Deployment.start();
    try {
        await other.up(program);
        return await catalogOf(other, databases);
    } finally {
        await other.stop();
    }
}

async function expectWhole(): Promise<void> {
    expect(await catalogOf(deployment, databases)).toEqual(await undisturbed());
    const quiet = await deployment.preview(program);
    expect(changed(quiet.changes), quiet.text).toBe(0);
}

describe("a deployment that is disturbed goes on where it stopped, and nothing is lost or doubled", () => {
    it("by Ctrl-C at each step", async () => {
        let interruptions = 0;
        // At least one resource more is made each time.
        while (await deployment.interruptedUp(program, 4)) interruptions += 1;
        expect(interruptions).toBeGreaterThan(5);
        await expectWhole();
    }, 300_000);

    it("by a server that restarts while principals and grants are made", async () => {
        let restarted: Promise<void> | undefined;
        deployment.onStep = ({ type }) => {
            if (!type.endsWith(":EntraPrincipal")) return;
            restarted ??= instance()
                .kill()
                .then(() => instance().restart());
        };
        await deployment.up(program).catch(() => deployment.up(program));
        await restarted;
        expect(restarted).toBeDefined();
        await expectWhole();
    }, 120_000);

    it("by tokens that expire in the middle and connections that are cut", async () => {
        const { issuer, gateway } = deployment.emulation;
        issuer.setLifetime(2);
        deployment.onStep = ({ type }) => {
            if (type.endsWith(":EntraPrincipal")) gateway.cutNext("after-commit-before-reply");
        };
        const before = issuer.issued;
        await deployment.up(program).catch(() => deployment.up(program));
        expect(issuer.issued - before).toBeGreaterThan(1);
        await expectWhole();
    }, 120_000);

    it("by a second deployment of the same stack, which is refused", async () => {
        let second: Promise<unknown> | undefined;
        deployment.onStep = ({ type }) => {
            if (type.endsWith(":Server")) second ??= deployment.automation.refresh().catch((error: unknown) => error);
        };
        await deployment.up(program);
        expect(String(await second)).toMatch(/locked|conflict/i);
        await expectWhole();
    }, 120_000);
});
