/** The repository's own stacks, as their files describe them. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ProjectSettings } from "@pulumi/pulumi/automation";
import { parse } from "yaml";
import { packageRoot } from "./package-root";

export const stackFolder = join(packageRoot, "stacks");

/** The project's name, and what a configuration may say. */
export async function readProject(): Promise<{ name: string; config: NonNullable<ProjectSettings["config"]> }> {
    return (await yaml(join(packageRoot, "Pulumi.yaml"))) as Awaited<ReturnType<typeof readProject>>;
}

/** A stack's configuration, by keys with the project's name before them. */
export async function configurationOf(stack: string): Promise<Record<string, unknown>> {
    const { config } = (await yaml(join(stackFolder, `Pulumi.${stack}.yaml`))) as { config: Record<string, unknown> };
    return config;
}

/** The stacks that have a configuration. */
export async function allStacks(): Promise<string[]> {
    const files = await readdir(stackFolder);
    return files.flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []).sort();
}

async function yaml(file: string): Promise<unknown> {
    return parse(await readFile(file, "utf8"));
}
