/** Everybody in one document moves their caret all the time (presence). */

import { Processes, Span, sleep } from "../measure.mjs";
import { traffic } from "../websocket.mjs";

const WARM_MS = 1_000;

export default async function cursors({ documents: [document], people, rate, measure_ms: measure, pids }, connect) {
  const clients = [];
  for (let index = 0; index < people; index++) {
    clients.push(connect(document, index, { clientId: 1_000 + index }));
    if (index === 0) await clients[0].ready; // some servers cannot open a new document for two at once
  }
  await Promise.all(clients.map((client) => client.ready));
  let frames = 0;
  for (const client of clients) client.onPresence = () => (frames += 1);
  let moves = 0;
  // Each person has a rhythm of their own, evenly apart.
  const timers = clients.map((client, index) => {
    const move = () => client.moveCursor(moves++);
    return setTimeout(() => (timers[index] = setInterval(move, 1000 / rate)), (index / people) * (1000 / rate));
  });
  await sleep(WARM_MS);
  const span = new Span(new Processes(pids));
  const bytes = traffic.bytes;
  [frames, moves] = [0, 0];
  await sleep(measure);
  const used = span.stop();
  const seconds = used.ms / 1000;
  const result = {
    ...used,
    moves_per_second: moves / seconds,
    frames_per_person: frames / people / seconds,
    bytes_per_person: (traffic.bytes - bytes) / people / seconds,
    cut: clients.filter((client) => client.end).length,
  };
  for (const timer of timers) clearInterval(timer);
  return result;
}
