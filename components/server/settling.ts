/**
 * A flexible server takes one operation at a time and answers others with ServerIsBusy, which azure-native doesn't retry.
 * Hooks make up for both: one waits until the server is ready, one tries a busy operation again.
 */
import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import { getServer } from "@pulumi/azure-native/dbforpostgresql/getServer";

/** How long a hook waits for a server in all, in milliseconds: creation with high availability has been seen to take long. */
const patience = 20 * 60_000;
/** The first pause, in milliseconds; each next one is half as long again, up to the longest. */
const firstPause = 250;
const longestPause = 15_000;

/** What Resource Manager says while the server is busy with another operation. */
const busy = /ServerIsBusy|ServerBusy|AadAuthOperationCannotBePerformedWhenServerIsNotAccessible/;

/**
 * What the database says, or the driver, while it restarts, is full, or works on the same privileges for somebody else.
 * Source: PostgreSQL, "PostgreSQL Error Codes".
 */
const occupied = new RegExp(
    [
        "tuple concurrently (updated|deleted)",
        "deadlock detected",
        "could not serialize access",
        "too many clients already",
        "remaining connection slots are reserved",
        "the database system is (starting up|shutting down|not (yet )?accepting connections|in recovery mode)",
        "terminating connection (due to|because of)",
        "bad connection|unexpected EOF|connection reset by peer|ECONNRESET|connection refused|ECONNREFUSED",
        "Connection terminated|socket disconnected",
    ].join("|"),
    "i",
);

/** Waits after a change of the server until the service reports it `Ready`. */
export function waitUntilReady(name: string, parent: pulumi.Resource): pulumi.ResourceHook {
    const wait = async ({ id }: pulumi.ResourceHookArgs): Promise<void> => {
        const [, resourceGroupName, serverName] =
            /\/resourceGroups\/([^/]+)\/.*\/flexibleServers\/([^/]+)$/i.exec(id) ?? [];
        if (resourceGroupName === undefined || serverName === undefined) {
            throw new Error(`${id} isn't the ARM id of a flexible server, so its state can't be watched.`);
        }
        let state: string | undefined;
        for (const pause of pauses()) {
            ({ state } = await getServer({ resourceGroupName, serverName }, { parent, async: true }));
            if (state === "Ready") return;
            await sleep(pause);
        }
        throw new Error(
            `Server ${serverName} is still ${state ?? "without a state"} after ${String(patience / 60_000)} minutes. ` +
                "Look at its activity log, then run the deployment again: it goes on from here.",
        );
    };
    // The engine calls from outside the program; the SDK finds the program's connection through the asynchronous context.
    return new pulumi.ResourceHook(`${name}-wait-until-ready`, AsyncResource.bind(wait));
}

/** Tries an operation again for as long as the server, or a database on it, is busy with another one or restarts. */
export function retryWhileBusy(name: string): pulumi.ErrorHook {
    const schedule = pauses();
    return new pulumi.ErrorHook(`${name}-retry-while-busy`, async ({ errors }) => {
        // The newest error comes first.
        const [error = ""] = errors;
        if (!busy.test(error) && !occupied.test(error)) return false;
        const pause = schedule[errors.length - 1];
        if (pause === undefined) return false;
        await sleep(pause);
        return true;
    });
}

/** Pauses that add up to the patience. */
export function pauses(total = patience): number[] {
    const schedule: number[] = [];
    let pause = firstPause;
    for (let sum = 0; sum + pause <= total; sum += pause, pause = Math.min(pause * 1.5, longestPause)) {
        schedule.push(pause);
    }
    return schedule;
}

function sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
