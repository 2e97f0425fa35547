/**
 * Real clients without a browser, for `manage.py storm`.
 *
 *     node storm.js                                 reads a plan on its first line, then commands: type, stop, end
 *     node storm.js delays POLICY CLIENTS ATTEMPTS SEED   writes the waits of a policy: a line of JSON, then 32-bit floats
 *
 * Output is a line of JSON for each thing that happens: {"at": ms since the epoch, "what": …, "client": number, …}.
 */

import { once } from "node:events";
import { createInterface } from "node:readline";
import { Crowd } from "./crowd.ts";
import { delays, headerOf } from "./delays.ts";
import { readPlan, type Policy } from "./plan.ts";

const FLUSH_MS = 50;

async function main(words: readonly string[]): Promise<void> {
  if (words[0] === "delays") await table(words.slice(1));
  else await storm();
}

async function table([policy, ...rest]: readonly string[]): Promise<void> {
  const [clients = 0, attempts = 0, seed = 0] = rest.map(Number);
  if (policy !== "default" && policy !== "tuned") throw new TypeError("a policy is default or tuned");
  await write(`${JSON.stringify(headerOf(policy satisfies Policy, clients, attempts))}\n`);
  const floats = delays(policy, clients, attempts, seed);
  await write(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength));
}

async function write(bytes: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, "drain");
}

async function storm(): Promise<void> {
  let waiting: string[] | null = [];
  const flush = (): void => {
    if (waiting === null || waiting.length === 0) return;
    process.stdout.write(`${waiting.join("\n")}\n`);
    waiting = [];
  };
  const say = (what: string, client: number | null, more: object = {}): void => {
    waiting?.push(JSON.stringify({ at: Date.now(), what, client, ...more }));
  };
  const flushing = setInterval(flush, FLUSH_MS);
  let crowd: Crowd | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    if (crowd === null) {
      crowd = new Crowd(readPlan(line), say);
      void crowd.arrive().then(() => say("arrived", null));
    } else if (line === "type") crowd.type();
    else if (line === "stop") crowd.stop();
    else if (line === "end") {
      say("end", null, await crowd.end());
      flush();
      // That everybody hangs up now is no news.
      waiting = null;
      break;
    } else throw new TypeError(`no such command: ${line}`);
  }
  crowd?.close();
  clearInterval(flushing);
}

// Whoever started this is gone when nobody reads any more.
process.stdout.on("error", () => process.exit(1));
await main(process.argv.slice(2));
// Sockets that are still closing must not hold the process.
if (process.stdout.writableLength > 0) await once(process.stdout, "drain");
process.exit(0);
