import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Templates link the entry by its fixed name; what it loads by itself carries a hash, and is in the manifest. The entry
 * holds nothing that a chunk could need: collected, it has another name, and would be loaded a second time.
 */
export default defineConfig({
  root: source("."),
  base: "./", // Chunks are found beside the entry, wherever static files are served from.
  publicDir: false,
  build: {
    outDir: source("dist"),
    emptyOutDir: true,
    target: "es2022",
    sourcemap: true,
    manifest: "manifest.json",
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
        assetFileNames: "chunks/[name]-[hash][extname]",
      },
    },
  },
});
