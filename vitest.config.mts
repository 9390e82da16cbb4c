import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        include: ["test/**/*.test.ts"],
        globalSetup: ["test/support/global-setup.ts"],
        reporters: ["default", "./test/support/count-reporter.ts"],
        pool: "forks",
        poolOptions: { forks: { maxForks: 2 } },
        testTimeout: 30_000,
        hookTimeout: 60_000,
    },
});
