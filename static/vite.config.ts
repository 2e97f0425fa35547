import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Templates link the entry by its fixed name; only what it loads by itself carries a hash. */
export default defineConfig({
  root: source("."),
  publicDir: false,
  build: {
    outDir: source("dist"),
    emptyOutDir: true,
    target: "es2022",
    sourcemap: true,
    // The polyfill is an inline script in spirit: every browser of our target preloads modules by itself.
    modulePreload: { polyfill: false },
    // The one chunk is the editor; a warning about its size would be noise on every build.
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      input: { document: source("src/page/document.ts") },
      output: {
        format: "es",
        entryFileNames: "[name].js",
        chunkFileNames: "chunks/[name]-[hash].js",
      },
    },
  },
});
