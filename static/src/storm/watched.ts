/** A socket that says what happens to it, and otherwise is the one that it stands for. */

import type { SocketLike } from "../sync/index.ts";
import { readRefusedConnect } from "../sync/messages.ts";

export interface Watcher {
  /** A CONNECT is on its way, or a transport for it. */
  attempt(): void;
  connected(): void;
  /** The attempt came to nothing; `code` is the server's word, if it had one. */
  failed(code: string | null): void;
  /** A line that was up is gone; `reason` is socket.io's word for it. */
  down(reason: string): void;
  /** `open` was answered: the copy has everything that the server has. */
  synced(): void;
}

/** Reports to `watcher` what `socket` goes through. Its owner uses the result in its place. */
export function watched(socket: SocketLike, watcher: Watcher): SocketLike {
  let wasUp = false;
  socket.on("connect", () => {
    wasUp = true;
    watcher.connected();
  });
  socket.on("connect_error", (error) => watcher.failed(readRefusedConnect(error)?.code ?? null));
  socket.on("disconnect", (reason) => {
    if (wasUp) watcher.down(String(reason));
    wasUp = false;
  });
  return {
    get connected() {
      return socket.connected;
    },
    get sendBuffer() {
      return socket.sendBuffer;
    },
    get io() {
      return socket.io;
    },
    get volatile() {
      return socket.volatile;
    },
    on: (event, listener) => socket.on(event, listener),
    emit: (event, payload) => socket.emit(event, payload),
    timeout: (ms) => {
      const timed = socket.timeout(ms);
      return {
        emit: (event, payload, answered) =>
          timed.emit(event, payload, (error, answer) => {
            // First the copy takes the answer in, then it is told.
            answered(error, answer);
            if (event === "open" && error == null && isOk(answer)) watcher.synced();
          }),
      };
    },
    connect: () => {
      watcher.attempt();
      return socket.connect();
    },
    disconnect: () => socket.disconnect(),
  };
}

function isOk(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && (answer as { ok?: unknown }).ok === true;
}
