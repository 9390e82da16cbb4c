/** What a policy is, apart from how Pulumi runs it. */
import type { EnforcementLevel } from "@pulumi/policy";
import type { GivenResource } from "./resources";

/** A policy's settings, from the pack's configuration. */
export interface Settings {
    /** Names of stacks that are production, or the beginnings of names before a hyphen. */
    productionStacks: string[];
    /** Resources that a policy leaves alone, each with the reason. */
    exceptions: Exception[];
    /** The policy's own limits. */
    [limit: string]: unknown;
}

export interface Exception {
    /** A resource's name or URN. */
    resource: string;
    reason: string;
    /** The last day on which it holds, such as `2027-03-31`. @default - it holds for ever */
    until?: string;
}

/** Something that a policy finds fault with. */
export interface Violation {
    resource: GivenResource;
    /** What is wrong and how to put it right. */
    message: string;
}

interface Common {
    /** By which the pack's configuration names it. */
    name: string;
    /** What it demands, in one sentence. */
    demand: string;
    /** Why. */
    reason: string;
    /** The document that says so, by title. */
    source: string;
    level: EnforcementLevel;
    /** Only for stacks of production. */
    production?: true;
    /** A limit that the configuration may set, with its default. */
    limit?: { name: string; default: number; description: string };
}

/** Judges resources one by one, before each is made. */
export interface ResourcePolicy extends Common {
    judge(resource: GivenResource, limit: number): string | undefined;
}

/** Judges all resources together, where one alone doesn't tell. */
export interface StackPolicy extends Common {
    judgeAll(resources: readonly GivenResource[]): Violation[];
}

export type Policy = ResourcePolicy | StackPolicy;
