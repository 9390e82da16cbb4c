/** What `pulumi preview --json` prints, from the real engine: the automation API has no option for it. */
import type { Deployment, Program } from "./deployment";

/** The part of the SDK's `PulumiCommand` that its types leave out. */
interface Runner {
    run(args: string[], cwd: string, env: object, onOutput?: (text: string) => void, ...rest: unknown[]): unknown;
}

/** Also of a preview that fails, which prints what it found before. */
export async function previewJson(deployment: Deployment, program: Program, ...options: string[]): Promise<string> {
    const runner = deployment.automation.workspace.pulumiCommand as unknown as Runner;
    const original = runner.run.bind(runner);
    let output = "";
    runner.run = (args, cwd, env, onOutput, ...rest) => {
        if (args[0] !== "preview") return original(args, cwd, env, onOutput, ...rest);
        const collect = (text: string): void => {
            output += text;
        };
        return original([...args, "--json", ...options], cwd, env, collect, ...rest);
    };
    try {
        await deployment.preview(program);
    } catch (error) {
        if (!output.includes('"diagnostics"')) throw error;
    } finally {
        runner.run = original;
    }
    return output;
}
