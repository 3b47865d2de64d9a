import { defineConfig } from "vitest/config";

/** Where tests may stand; `dist` holds only what is shipped. */
const ROOTS = ["src", "sim", "scenarios", "properties", "conformance", "bench", "test"];

export default defineConfig({
    test: {
        include: ROOTS.map(root => `${root}/**/*.test.ts`),
        // Processes rather than threads: tests register load hooks, change the environment and start workers.
        pool: "forks",
        maxWorkers: 2,
        // Sized for a slow machine with two busy cores, not for how long a test should take.
        testTimeout: 30_000,
        hookTimeout: 60_000,
        teardownTimeout: 20_000,
        allowOnly: false,
        reporters: ["default", ["json", { outputFile: "selvage-report/vitest.json" }]],
        coverage: { provider: "v8", include: ["src/**/*.ts", "sim/**/*.ts"], exclude: ["**/*.test.ts"] },
    },
});
