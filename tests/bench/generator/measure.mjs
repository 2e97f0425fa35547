/** Clocks and counters: latency, the server's processes, this process. */

import { readFileSync } from "node:fs";

// A hundredth of a millisecond, up to two seconds; what is later counts as two seconds and is in `max`.
const BUCKET_MS = 0.01;
const BUCKETS = 200_000;
// The unit of /proc/<pid>/stat on every Linux that matters: 100 ticks a second.
const TICK_MS = 10;

export class Histogram {
  #counts = new Uint32Array(BUCKETS);

  constructor() {
    this.max = 0;
  }

  add(ms) {
    if (ms > this.max) this.max = ms;
    const bucket = (ms / BUCKET_MS) | 0;
    this.#counts[bucket < BUCKETS ? bucket : BUCKETS - 1] += 1;
  }

  /** [[bucket, count], …] of the buckets that are not empty. */
  report() {
    const counts = [];
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (this.#counts[bucket] > 0) counts.push([bucket, this.#counts[bucket]]);
    }
    return { bucket_ms: BUCKET_MS, counts, last_bucket: BUCKETS - 1, max_ms: this.max };
  }
}

/** CPU time and memory of the server's processes, some of which may be gone. */
export class Processes {
  #pids;

  constructor(pids) {
    this.#pids = pids;
  }

  cpuMs() {
    return this.#sum("stat", (stat) => {
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    });
  }

  rssKb() {
    return this.#sum("status", (status) => Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }

  kill() {
    for (const pid of this.#pids) process.kill(pid, "SIGKILL");
  }

  #sum(file, read) {
    let sum = 0;
    for (const pid of this.#pids) {
      try {
        sum += read(readFileSync(`/proc/${pid}/${file}`, "latin1"));
      } catch (error) {
        if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
      }
    }
    return sum;
  }
}

export function ownCpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What was used between `start` and `stop`. */
export class Span {
  constructor(processes) {
    this.processes = processes;
    this.at = performance.now();
    this.server = processes.cpuMs();
    this.own = ownCpuMs();
  }

  stop() {
    const ms = performance.now() - this.at;
    const server = this.processes.cpuMs() - this.server;
    const own = ownCpuMs() - this.own;
    return { ms, server_cpu_ms: server, server_cpu: (server / ms) * 100, generator_cpu: (own / ms) * 100 };
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves to whether `condition()` came true within `ms`. */
export async function within(ms, condition) {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
