/** Previews the prod stack or bare resources in a process of its own, to see how much memory that takes. */
import { LocalStack, type LocalStackOptions } from "../../local/engine/local-stack";
import { type BareResource, bareProgram } from "../bare";

export interface Errand {
    stackName: string;
    config: Record<string, unknown>;
    runDirectory: string;
    environment: Record<string, string>;
    settings: Record<string, string>;
    /** What bare resources to make. @default - the prod stack's own program */
    bare?: BareResource[];
    /** Modules that a program with bare resources imports. */
    modules: string[];
}

async function main(): Promise<void> {
    const errand = JSON.parse(process.env["ERRAND"] ?? "{}") as Errand;
    const { stackName, config, bare } = errand;
    const emulation: LocalStackOptions["emulation"] = {
        runDirectory: errand.runDirectory,
        environment: () => errand.environment,
        providerSettings: () => errand.settings,
    };
    for (const name of bare ? errand.modules : []) await import(name);
    const program = bare ? bareProgram(bare) : (await import("../../stacks/program.js")).default;
    const stack = await LocalStack.create({
        emulation,
        stackName,
        config,
        program: () => Promise.resolve(program()),
    });
    await stack.preview();
    console.log(`memory=${String(process.resourceUsage().maxRSS * 1024)}`);
}

void main();
