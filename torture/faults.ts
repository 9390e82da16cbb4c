/** What goes wrong while a deployment runs, or between two of them: one entry for each kind. */
import { AzureError } from "../local/azure/errors";
import { drifts } from "./drifts";
import { engines, kill, providers } from "./processes";
import type { World } from "./world";

/** Where and how a fault strikes; the same numbers strike in the same way. */
export interface Strike {
    world: World;
    /** A number by which a fault chooses among its ways. */
    choice: number;
}

export interface Fault {
    /** Arranged before the deployment begins. */
    before?(strike: Strike): void;
    /** Strikes while the deployment works on a resource. */
    during?(strike: Strike): Promise<void> | void;
    /** Strikes when the deployment is over; undefined when there was nothing to strike at. */
    after?(strike: Strike): Promise<void> | undefined;
    /** What a person does before deploying again. */
    recover?(strike: Strike): Promise<void>;
    /** Whether a person lets the second deployment look at what is really there. */
    refresh?: boolean;
}

const busy = new AzureError(
    409,
    "ServerIsBusy",
    "Cannot complete operation while the server is busy. Try again later.",
);
const throttled = new AzureError(429, "TooManyRequests", "The request is being throttled. Try again later.");

const armTypes = ["Database", "FirewallRule", "Configuration", "AdministratorsMicrosoftEntra"];

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Fails the next operations on every type of resource. */
function refuse({ world, choice }: Strike, error: AzureError): void {
    const { resourceManager } = world.deployment.emulation;
    for (const type of armTypes) {
        for (const method of ["put", "delete"] as const) {
            resourceManager.failNext(`dbforpostgresql:${type}`, method, error, 1 + (choice % 3));
        }
    }
}

async function restartAfter({ world: { instance } }: Strike, pause: number): Promise<void> {
    await sleep(pause);
    await instance.restart();
}

export const faults: Record<string, Fault> = {
    none: {},

    "database killed": {
        async during(strike) {
            await strike.world.instance.kill();
            await restartAfter(strike, strike.choice % 500);
        },
    },
    "database restarted": {
        during: ({ world }) => world.instance.restart(),
    },
    "provider killed": {
        async during() {
            kill(await providers());
        },
    },
    "engine killed": {
        async during() {
            kill(await engines());
        },
        recover: ({ world }) => world.unlock(),
    },
    "engine interrupted": {
        during: ({ world }) => {
            world.interruption.abort();
        },
    },
    "sockets cut": {
        before({ world, choice }) {
            const moments = ["before-startup", "after-startup", "after-commit-before-reply"] as const;
            const cuts = Array.from(
                { length: 1 + (choice % 4) },
                (_, index) => moments[(choice + index) % 3] ?? moments[0],
            );
            world.deployment.emulation.gateway.cutNext(...cuts);
        },
    },
    "every socket cut": {
        during: ({ world }) => {
            world.deployment.emulation.gateway.dropAll();
        },
    },
    "tokens expire": {
        before({ world, choice }) {
            world.deployment.emulation.issuer.setLifetime(1 + (choice % 3));
        },
    },
    "no tokens for a while": {
        before({ world, choice }) {
            world.deployment.emulation.issuer.failNext(1 + (choice % 3));
        },
    },
    "too many connections": {
        before({ world, choice }) {
            const refusal = { code: "53300", message: "sorry, too many clients already" };
            world.deployment.emulation.gateway.refuseNext(1 + (choice % 4), refusal);
        },
    },
    "server busy": {
        before: (strike) => {
            refuse(strike, busy);
        },
    },
    throttled: {
        before: (strike) => {
            refuse(strike, throttled);
        },
    },
    "two runs at once": {
        async during({ world }) {
            // The one that comes second finds the stack locked.
            await world.deployment.automation.up({ color: "never" }).catch(() => undefined);
        },
    },
    ...Object.fromEntries(
        Object.entries(drifts).map(([name, after]) => [`by hand: ${name}`, { after, refresh: true } satisfies Fault]),
    ),
};

export const faultKinds = Object.keys(faults);

/** Forgets what was arranged and didn't happen. */
export function calm({ deployment: { emulation } }: World): void {
    emulation.gateway.reset();
    emulation.issuer.setLifetime(3600);
    emulation.issuer.failNext(0);
    emulation.resourceManager.forgetFailures();
}
