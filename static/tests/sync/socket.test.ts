import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/sync/clock.ts";
import { Line } from "../../src/sync/line.ts";
import { socketFactory } from "../../src/sync/socket.ts";

/** Real socket.io-client sockets that are never connected. */
const sockets = socketFactory({ url: "http://127.0.0.1:9" });

describe("the socket.io-client socket", () => {
  test("does not connect by itself, nor come back by itself", () => {
    const { io } = sockets({ pollingFirst: false }) as unknown as { io: { reconnection(): boolean; _readyState: string } };
    expect(io.reconnection()).toBe(false);
    expect(io._readyState).toBe("closed");
  });

  test("tries WebSocket first, then polling, or the other way round", () => {
    const order = (pollingFirst: boolean): unknown => {
      const { io } = sockets({ pollingFirst }) as unknown as { io: { opts: Record<string, unknown> } };
      return io.opts;
    };
    expect(order(false)).toMatchObject({ transports: ["websocket", "polling"], tryAllTransports: true });
    expect(order(true)).toMatchObject({ transports: ["polling", "websocket"], tryAllTransports: true });
  });

  test("B3: emits on a line that is not up are not buffered", async () => {
    const socket = sockets({ pollingFirst: false });
    const line = new Line(socket, { up() {}, down() {}, frame() {} }, systemClock);
    expect(await line.request("edit", { document: "plan" }, 1_000)).toEqual({ kind: "lost" });
    expect(line.hint("cursor", { document: "plan" })).toBe(false);
    line.tell("leave", { document: "plan" });
    expect(socket.sendBuffer).toHaveLength(0);
  });
});
