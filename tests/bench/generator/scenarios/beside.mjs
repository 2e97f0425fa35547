/**
 * People who are in and type, while a crowd connects and opens the document beside theirs (W7).
 *
 * Latency is as in `typing`, of the letters that were typed before the crowd came (`latency`) and from its first
 * connection until the last of it had its document (`meanwhile`).
 */

import { Worker } from "node:worker_threads";
import { Histogram, Processes, Span, sleep, within } from "../measure.mjs";
import { FIRST_CLIENT_ID } from "../typist.mjs";
import { fill } from "./storm.mjs";
import { gather } from "./typing.mjs";

const DRAIN_MS = 10_000;
// Until then a crowd is in, or a failure; typists have letters for so long.
const LONGEST_MS = 100_000;

export default async function beside(config, connect) {
  const { documents: [document, neighbour], people, rate, warm_ms: warm, measure_ms: measure, sessions } = config;
  await fill(neighbour, connect);
  const inside = await gather({ ...config, documents: [document] }, connect);
  const crowd = new Worker(new URL("../crowd.mjs", import.meta.url), {
    workerData: { port: config.port, document: neighbour, sessions: sessions.slice(people) },
  });
  const typing = new Typing(inside, rate, warm + measure + LONGEST_MS);
  globalThis.gc?.();
  typing.begin();
  await sleep(warm);
  typing.count("latency");
  await sleep(measure);
  const span = new Span(new Processes(config.pids));
  typing.count("meanwhile");
  crowd.postMessage("come");
  const came = await new Promise((resolve, reject) => crowd.once("message", resolve).once("error", reject));
  typing.end();
  const used = span.stop();
  await within(DRAIN_MS, () => typing.delivered >= typing.expected);
  return { ...used, ...came, ...typing.report(), cut: inside.filter(({ client }) => client.end).length };
}

/** Letters at a steady rate, and when everybody else had each of them. */
class Typing {
  #people;
  #typists;
  #rate;
  #timer = null;
  #typed = 0;
  #phase = null;
  #histograms = { latency: new Histogram(), meanwhile: new Histogram() };
  #late = new Histogram();
  delivered = 0;
  expected = 0;

  constructor(people, rate, ms) {
    this.#people = people;
    this.#typists = people.filter((person) => person.typist !== null);
    this.#rate = rate;
    for (const person of this.#typists) {
      person.typist.prepare(Math.ceil((ms / 1000) * (rate / this.#typists.length)));
      person.frames = person.typist.updates.map((update) => person.client.frameOf(update));
      person.phases = [];
    }
    for (const person of people) person.client.onRuns = (runs) => this.#deliver(person, runs);
  }

  begin() {
    const begin = performance.now();
    this.#timer = setInterval(() => {
      for (const now = performance.now(); begin + (this.#typed * 1000) / this.#rate <= now; this.#typed++) {
        this.#type(this.#typists[this.#typed % this.#typists.length], now - begin - (this.#typed * 1000) / this.#rate);
      }
    }, 1);
  }

  /** From now on letters count as those of `phase`. */
  count(phase) {
    this.#phase = phase;
  }

  end() {
    clearInterval(this.#timer);
  }

  #type(person, late) {
    const place = person.next++;
    person.phases[place] = this.#phase;
    if (this.#phase !== null) this.expected += this.#people.length - 1;
    if (this.#phase === "meanwhile") this.#late.add(late);
    person.sent[place] = performance.now();
    person.client.write(person.frames[place]);
  }

  #deliver(person, runs) {
    const now = performance.now();
    const held = (person.held ??= new Int32Array(this.#typists.length));
    for (let at = 0; at < runs.length; at += 3) {
      const index = runs[at] - FIRST_CLIENT_ID;
      const writer = this.#typists[index];
      if (writer === undefined || writer === person) continue;
      for (let place = Math.max(runs[at + 1], held[index]); place < runs[at + 2]; place++) {
        const phase = writer.phases[place];
        if (phase === null) continue;
        this.#histograms[phase].add(now - writer.sent[place]);
        this.delivered += 1;
      }
      held[index] = Math.max(held[index], runs[at + 2]);
    }
  }

  report() {
    return {
      delivered: this.delivered,
      expected: this.expected,
      latency: this.#histograms.latency.report(),
      meanwhile: this.#histograms.meanwhile.report(),
      late: this.#late.report(),
    };
  }
}
