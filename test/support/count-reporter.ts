import type { Reporter, TestModule } from "vitest/node" with { "resolution-mode": "import" };

/** Ends a run with one plain line that scripts can read. */
export default class CountReporter implements Reporter {
    onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
        let [passed, failed, skipped] = [0, 0, 0];
        for (const module of modules) {
            if (module.errors().length > 0) failed += 1;
            for (const test of module.children.allTests()) {
                const { state } = test.result();
                if (state === "passed") passed += 1;
                else if (state === "failed") failed += 1;
                else skipped += 1;
            }
        }
        failed += unhandledErrors.length;
        const more = skipped > 0 ? `, ${String(skipped)} skipped` : "";
        // The summary of the other reporter is written in the same turn; this comes after it.
        setImmediate(() => {
            console.log(`${String(passed)} passed, ${String(failed)} failed${more}`);
        });
    }
}
