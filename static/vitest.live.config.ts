import { defineConfig } from "vitest/config";

/** Programs that use the client against a real server; pytest starts both, see tests/live/test_histories.py. */
export default defineConfig({
  test: { environment: "node", include: ["live/**/*.live.ts"], testTimeout: 600_000, fileParallelism: false },
});
