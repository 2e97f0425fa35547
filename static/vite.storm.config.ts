import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The clients of `manage.py storm`: for Node, beside node_modules, and no part of what browsers are given. */
export default defineConfig({
  root: source("."),
  publicDir: false,
  build: {
    ssr: source("src/storm/main.ts"),
    outDir: source("dist-storm"),
    emptyOutDir: true,
    target: "node20",
    rolldownOptions: { output: { format: "es", entryFileNames: "storm.js" } },
  },
});
