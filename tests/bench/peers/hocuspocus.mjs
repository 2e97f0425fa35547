/**
 * Hocuspocus as its guide has it, with the SQLite extension. With STORE_FIRST each update is also on the disk before
 * anybody sees it, as ours are: appended to a file and synced, without asking who may write.
 */

import { open } from "node:fs/promises";
import { SQLite } from "@hocuspocus/extension-sqlite";
import { Server } from "@hocuspocus/server";

const { PORT, FOLDER, STORE_FIRST } = process.env;
const UPDATE = 2; // y-protocols/sync
const log = STORE_FIRST ? await open(`${FOLDER}/log`, "a") : null;
const server = new Server({
  port: Number(PORT),
  address: "127.0.0.1",
  quiet: true,
  extensions: [new SQLite({ database: `${FOLDER}/hocuspocus.sqlite` })],
  ...(log && {
    async beforeSync({ type, payload }) {
      if (type !== UPDATE) return;
      await log.appendFile(payload);
      await log.datasync();
    },
  }),
});
await server.listen();
