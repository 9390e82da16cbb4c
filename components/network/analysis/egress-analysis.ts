import {
    type Answer,
    canBeReachedBy,
    canReachEntra,
    canReachStorage,
    canReplicateWith,
    canReplicateWithin,
} from "./reachability";
import { type Surroundings, planFromAzure } from "./from-azure";
import type { SubnetPlan } from "./subnet-plan";

/** Everything that a server in a delegated subnet needs from the network. */
export interface EgressAnalysis {
    /** Administrators can't be assigned and tokens can't be validated without it. */
    entra: Answer;
    /** The write-ahead log and backups need it. */
    storage: Answer;
    /** High availability needs it. */
    withinSubnet: Answer;
    /** One for each subnet of a primary or replica. */
    replicas: Answer[];
    /** One for each block of clients and port. */
    clients: Answer[];
}

/** Who connects with the server over port 5432 besides itself. */
export interface Counterparts {
    /** Blocks of clients. */
    clients?: readonly string[];
    /** Whether clients connect to PgBouncer on port 6432 too. */
    pgBouncer?: boolean;
    /** Blocks of the subnets of its primary or replicas. */
    replicas?: readonly string[];
}

/** Answers every question about a subnet. */
export function analyse(plan: SubnetPlan, counterparts: Counterparts = {}): EgressAnalysis {
    const ports = counterparts.pgBouncer === true ? ([5432, 6432] as const) : ([5432] as const);
    return {
        entra: canReachEntra(plan),
        storage: canReachStorage(plan),
        withinSubnet: canReplicateWithin(plan),
        replicas: (counterparts.replicas ?? []).map((subnet) => canReplicateWith(plan, subnet)),
        clients: (counterparts.clients ?? []).flatMap((block) =>
            ports.map((port) => canBeReachedBy(plan, block, port)),
        ),
    };
}

/** {@link analyse} for Azure's own resources; see {@link planFromAzure} for their form. */
export function analysisFromAzure(
    networkSecurityGroup: unknown,
    routeTable: unknown,
    subnet: unknown,
    surroundings: Surroundings & Counterparts = {},
): EgressAnalysis {
    return analyse(planFromAzure(networkSecurityGroup, routeTable, subnet, surroundings), surroundings);
}

/** The answers one after another. */
export function answersOf(analysis: EgressAnalysis): Answer[] {
    return [analysis.entra, analysis.storage, analysis.withinSubnet, ...analysis.replicas, ...analysis.clients];
}
