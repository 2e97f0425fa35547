/** The entry of the document page, and nothing else: see vite.config.ts. */

void import("./main.ts");
