/** Hocuspocus as its guide has it, with the SQLite extension. */

import { SQLite } from "@hocuspocus/extension-sqlite";
import { Server } from "@hocuspocus/server";

const { PORT, FOLDER } = process.env;
const server = new Server({
  port: Number(PORT),
  address: "127.0.0.1",
  quiet: true,
  extensions: [new SQLite({ database: `${FOLDER}/hocuspocus.sqlite` })],
});
await server.listen();
