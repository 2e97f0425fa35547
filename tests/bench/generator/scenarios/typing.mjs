/**
 * People in documents, some of whom type at a steady rate (W1, W2, W6).
 *
 * Latency is that of each letter at each other person: from the moment it was typed until the frame that carries it has
 * been read. Everybody counts which operations of which typist they hold, so nothing can be lost unnoticed. With several
 * `ports` the people of a document are spread over so many instances, and letters from elsewhere are counted apart.
 */

import { Histogram, Processes, Span, sleep, within } from "../measure.mjs";
import { FIRST_CLIENT_ID, Typist } from "../typist.mjs";
import { traffic } from "../websocket.mjs";

const TOGETHER = 50;
const SETTLE_MS = 400;
const DRAIN_MS = 3_000;
// After so many updates in one turn of the loop it reads what came in, however late it is.
const TURN = 2_000;

export default async function typing(config, connect) {
  const processes = new Processes(config.pids);
  const rssBefore = processes.rssKb();
  const people = await gather(config, connect);
  await sleep(SETTLE_MS);
  const typists = people.filter((person) => person.typist !== null);
  const updates = Math.ceil(((config.warm_ms + config.measure_ms) / 1000) * (config.rate / typists.length)) + 2;
  for (const person of typists) prepare(person, updates, config.firehose);
  const score = new Score(typists, config.ports !== undefined);
  for (const person of people) person.client.onRuns = (runs) => score.deliver(person, runs);
  globalThis.gc?.();
  const played = await play(typists, config, processes, score);
  await within(DRAIN_MS, () => score.delivered >= expected(typists, config));
  return {
    ...played,
    ...score.report(),
    expected: expected(typists, config),
    refused: sum(people.map((person) => person.client.refused)),
    cut: people.filter((person) => person.client.end).length,
    rss_before_kb: rssBefore,
    rss_kb: processes.rssKb(),
  };
}

/** Everybody connects, in groups; the first of each document before the others. */
export async function gather({ documents, people, writers, port: only, ports = [only], apart }, connect) {
  const all = [];
  // Typists sit evenly among the others, unless it is said how far apart.
  const step = apart ?? Math.ceil(people / writers);
  for (let place = 0; place < people; place++) {
    const port = ports[Math.floor((place * ports.length) / people)];
    for (const document of documents) {
      const types = place % step === 0 && place / step < writers;
      const typist = types ? new Typist(all.filter((person) => person.typist).length) : null;
      const clientId = typist?.clientId ?? 1_000_000_000 + all.length;
      const client = connect(document, all.length, { clientId, port });
      all.push({ client, typist, document, port, held: null, first: Infinity, last: -1, sent: [], frames: null, next: 0 });
      if (all.length % TOGETHER === 0 || place === 0) await Promise.all(all.map((person) => person.client.ready));
    }
  }
  await Promise.all(all.map((person) => person.client.ready));
  return all;
}

function prepare(person, updates, firehose) {
  person.typist.prepare(updates);
  if (firehose) person.frames = person.typist.updates.map((update) => person.client.frameOf(update));
}

/** Types at the rate of the configuration, each typist in turn, and measures after the warm-up. */
function play(typists, { rate, warm_ms: warm, measure_ms: measure }, processes, score) {
  const begin = performance.now() + 20;
  const middle = begin + warm;
  const end = middle + measure;
  let typed = 0;
  let span = null;
  let frames = 0;
  return new Promise((resolve) => {
    const turn = () => {
      const now = performance.now();
      if (span === null && now >= middle) {
        span = new Span(processes);
        frames = traffic.frames;
      }
      for (let budget = TURN; budget > 0; budget--) {
        const due = begin + (typed * 1000) / rate;
        if (due > now || due >= end) break;
        type(typists[typed % typists.length], due >= middle);
        typed += 1;
        score.late.add(Math.max(0, now - due));
      }
      // A generator that is a second behind is not measuring the server any more.
      if (begin + (typed * 1000) / rate < end && now < end + 1_000) return setTimeout(turn, 1);
      resolve({ ...span.stop(), frames: traffic.frames - frames });
    };
    setTimeout(turn, 1);
  });
}

function type(person, measured) {
  const place = person.next++;
  if (measured) {
    if (person.first === Infinity) person.first = place;
    person.last = place;
  }
  person.sent[place] = performance.now();
  if (person.frames === null) person.client.save(person.typist.updates[place]);
  else person.client.write(person.frames[place]);
}

const expected = (typists, { people }) =>
  typists.reduce((all, { first, last }) => all + (last < first ? 0 : last - first + 1) * (people - 1), 0);

/** What everybody has received. */
class Score {
  #typists;

  constructor(typists, isSpread) {
    this.#typists = typists;
    this.latency = new Histogram();
    /** Of letters that were typed on another instance. */
    this.elsewhere = isSpread ? new Histogram() : null;
    /** How late the generator itself was. */
    this.late = new Histogram();
    this.delivered = 0;
    this.holes = 0;
  }

  deliver(person, runs) {
    const now = performance.now();
    const held = (person.held ??= new Int32Array(this.#typists.length));
    for (let at = 0; at < runs.length; at += 3) {
      const writer = this.#typists[runs[at] - FIRST_CLIENT_ID];
      if (writer === undefined || writer === person) continue;
      const index = runs[at] - FIRST_CLIENT_ID;
      const start = runs[at + 1];
      const end = runs[at + 2];
      if (start > held[index]) this.holes += start - held[index];
      const from = Math.max(start, held[index], writer.first);
      if (end > held[index]) held[index] = end;
      const to = Math.min(end, writer.last + 1);
      const latency = person.port === writer.port ? this.latency : this.elsewhere;
      for (let place = from; place < to; place++) latency.add(now - writer.sent[place]);
      if (to > from) this.delivered += to - from;
    }
  }

  report() {
    return {
      delivered: this.delivered,
      holes: this.holes,
      typed: this.#typists.reduce((all, { first, last }) => all + (last < first ? 0 : last - first + 1), 0),
      latency: this.latency.report(),
      ...(this.elsewhere && { elsewhere: this.elsewhere.report() }),
      late: this.late.report(),
    };
  }
}

function sum(counts) {
  const all = {};
  for (const one of counts) for (const [code, count] of Object.entries(one)) all[code] = (all[code] ?? 0) + count;
  return all;
}
