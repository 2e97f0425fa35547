/** The generator: reads one configuration from standard input, plays one scenario, prints its measurements as JSON. */

import { readFileSync } from "node:fs";
import { HocuspocusClient } from "./protocols/hocuspocus.mjs";
import { OursClient } from "./protocols/ours.mjs";
import { YjsClient } from "./protocols/yjs.mjs";

const PROTOCOLS = { ours: OursClient, yjs: YjsClient, hocuspocus: HocuspocusClient };
const SCENARIOS = ["typing", "storm", "joins", "survival", "remains", "cursors", "beside"];

const config = JSON.parse(readFileSync(0, "utf8"));
if (!SCENARIOS.includes(config.scenario)) throw new Error(`no scenario ${config.scenario}`);
const { default: play } = await import(`./scenarios/${config.scenario}.mjs`);

/** Person `index` of the scenario, connecting to a document. Each has a session of their own while there are enough. */
function connect(document, index, options = {}) {
  const session = config.sessions.length > 0 ? config.sessions[index % config.sessions.length] : null;
  return new PROTOCOLS[config.protocol]({ port: config.port, document, session, ...options });
}

const result = await play(config, connect);
process.stdout.write(JSON.stringify(result), () => process.exit(0));
