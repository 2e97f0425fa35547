/**
 * The waits of both policies as a table, from the code that decides them in a page. The simulation of large fleets reads
 * it; nothing about waiting is written twice.
 */

import { Manager } from "socket.io-client";
import { Backoff, slot, spreadSlot } from "../sync/backoff.ts";
import { Line } from "../sync/line.ts";
import type { SocketLike } from "../sync/index.ts";
import type { Policy } from "./plan.ts";
import { randomOf } from "./random.ts";

/** What a policy is beside its table. Milliseconds. */
export interface Header {
  readonly policy: Policy;
  readonly clients: number;
  readonly attempts: number;
  /** Whether a wait or a slot that the server names is obeyed, and the bounds that are put on it. */
  readonly obeys: boolean;
  readonly shortest_slot_ms: number;
  readonly longest_slot_ms: number;
  /** When a refused client asks again that does not obey. */
  readonly again_ms: number;
  /** An attempt without an answer is given up after this. */
  readonly timeout_ms: number;
  /** A line that was up for so long lets the waits begin anew. */
  readonly stable_ms: number;
}

/** socket.io-client's own back-off, with the numbers that its Manager gives it. */
interface StockBackoff {
  duration(): number;
  reset(): void;
}

const stockManager = (): Manager => new Manager("http://127.0.0.1", { autoConnect: false });

export function headerOf(policy: Policy, clients: number, attempts: number): Header {
  const manager = stockManager();
  return {
    policy,
    clients,
    attempts,
    obeys: policy === "tuned",
    shortest_slot_ms: slot(0),
    longest_slot_ms: slot(Infinity),
    again_ms: manager.reconnectionDelay(),
    timeout_ms: policy === "tuned" ? patience() : Number(manager.timeout()),
    // A Manager forgets its count as soon as a transport opens.
    stable_ms: policy === "tuned" ? stability() : 0,
  };
}

/**
 * Milliseconds, clients × attempts: how long each client waits before each attempt, as long as none succeeds. Then the
 * same number of factors, at least 1: how much later than a named wait the client comes.
 */
export function delays(policy: Policy, clients: number, attempts: number, seed: number): Float32Array {
  const random = randomOf(seed);
  const table = new Float32Array(2 * clients * attempts);
  const draw = policy === "tuned" ? tuned(random) : stock(random);
  for (let client = 0; client < clients; client += 1) draw(table.subarray(client * attempts, (client + 1) * attempts));
  // Any wait within the bounds shows the factor; a second does.
  for (let place = clients * attempts; place < table.length; place += 1) table[place] = spreadSlot(1_000, random) / 1_000;
  return table;
}

type Draw = (row: Float32Array) => void;

function tuned(random: () => number): Draw {
  return (row) => {
    const backoff = new Backoff(random);
    for (let attempt = 0; attempt < row.length; attempt += 1) row[attempt] = backoff.next();
  };
}

function stock(random: () => number): Draw {
  const { backoff } = stockManager() as unknown as { backoff: StockBackoff };
  return (row) => {
    const chance = Math.random;
    // It takes its chance from the platform, and from nowhere else.
    Math.random = random;
    try {
      backoff.reset();
      for (let attempt = 0; attempt < row.length; attempt += 1) row[attempt] = backoff.duration();
    } finally {
      Math.random = chance;
    }
  };
}

/** How long a line waits for its CONNECT to be answered: asked of a line. */
function patience(): number {
  const never = { on: () => {}, connect: () => {} } as unknown as SocketLike;
  let waits = 0;
  const line = new Line(
    never,
    { up: () => {}, down: () => {}, frame: () => {} },
    { now: () => 0, later: (_, ms) => ((waits = ms), () => {}) },
  );
  line.start();
  return waits;
}

/** After how many milliseconds a line counts as stable: asked of the back-off, by halves. */
function stability(): number {
  const isStable = (ms: number): boolean => {
    const backoff = new Backoff(() => 0);
    const first = backoff.next();
    backoff.up(0);
    backoff.down(ms);
    return backoff.next() === first;
  };
  let [low, high] = [0, 3_600_000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isStable(middle)) high = middle;
    else low = middle;
  }
  return high;
}
