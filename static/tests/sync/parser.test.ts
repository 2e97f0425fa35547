import { encode, ExtData } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import { Decoder, Encoder, type Packet } from "../../src/sync/parser.ts";

function decode(frame: unknown): Packet {
  const packets: Packet[] = [];
  const decoder = new Decoder();
  decoder.on("decoded", (packet) => packets.push(packet));
  decoder.add(frame);
  expect(packets).toHaveLength(1);
  return packets[0] as Packet;
}

function roundTrip(packet: Packet): Packet {
  const frames = new Encoder().encode(packet);
  expect(frames).toHaveLength(1);
  return decode(frames[0]);
}

const bytes = new Uint8Array([9, 1, 2, 3, 9]);

describe("the parser (B9)", () => {
  test("B9: undefined is left out instead of becoming an extension", () => {
    const packet = { type: 0, nsp: "/", data: undefined, id: undefined } as unknown as Packet;
    expect(new Encoder().encode(packet)[0]).toEqual(encode({ type: 0, nsp: "/" }));
    expect(roundTrip({ type: 2, nsp: "/", data: ["open", { a: undefined, b: 1 }] }).data).toEqual(["open", { b: 1 }]);
  });

  test("B9: a Uint8Array goes in and a Uint8Array comes out, also as a view into something larger", () => {
    const { data } = roundTrip({ type: 2, nsp: "/", data: ["edit", { update: bytes.subarray(1, 4) }], id: 7 });
    const { update } = (data as [string, { update: Uint8Array }])[1];
    expect(update.constructor).toBe(Uint8Array);
    expect([...update]).toEqual([1, 2, 3]);
  });

  test("B9: frames are understood as ArrayBuffer, as Buffer and as a view with an offset", () => {
    const [frame] = new Encoder().encode({ type: 3, nsp: "/", data: [{ ok: true, update: bytes }], id: 1 });
    const larger = new Uint8Array((frame as Uint8Array).byteLength + 8);
    larger.set(frame as Uint8Array, 3);
    const view = larger.subarray(3, 3 + (frame as Uint8Array).byteLength);
    for (const form of [view, view.slice().buffer, Buffer.from(view)]) {
      const [answer] = decode(form).data as [{ update: Uint8Array }];
      expect(answer.update.constructor).toBe(Uint8Array);
      expect(answer.update).toEqual(bytes);
    }
  });

  test("a frame is exactly its own buffer, whatever is encoded after it", () => {
    const encoder = new Encoder();
    const [first] = encoder.encode({ type: 2, nsp: "/", data: ["edit", { update: bytes }] });
    const before = (first as Uint8Array).slice();
    encoder.encode({ type: 2, nsp: "/", data: ["cursor", { anchor: null, head: null }] });
    expect(first).toEqual(before);
    expect((first as Uint8Array).buffer.byteLength).toBe((first as Uint8Array).byteLength);
  });

  test("nested maps and lists survive", () => {
    const payload = { cursors: { p1: [bytes, bytes], p2: null }, joined: [{ id: "p1", role: "editor" }], n: 4294967295 };
    expect(roundTrip({ type: 2, nsp: "/", data: ["people", payload] }).data).toEqual(["people", payload]);
  });

  test("what is socket.io's own on a packet is not sent", () => {
    const packet = { type: 2, nsp: "/", data: ["leave", {}], options: { compress: true } } as Packet;
    expect(roundTrip(packet)).toEqual({ type: 2, nsp: "/", data: ["leave", {}] });
  });

  test("nil for an absent field is the same as an absent field", () => {
    expect(decode(encode({ type: 1, nsp: "/", data: null, id: null }))).toEqual({ type: 1, nsp: "/" });
  });

  test("a refused CONNECT keeps its message and its data, and a bare text becomes the message", () => {
    const data = { message: "busy", data: { code: "busy", retry_after_ms: 900 } };
    expect(roundTrip({ type: 4, nsp: "/", data }).data).toEqual(data);
    expect(decode(encode({ type: 4, nsp: "/", data: "Unable to connect" })).data).toEqual({
      message: "Unable to connect",
    });
  });

  const garbage: [string, unknown][] = [
    ["a text frame", "2[]"],
    ["bytes that are no MessagePack", new Uint8Array([0xc1])],
    ["a packet cut off", encode({ type: 2, nsp: "/", data: ["a"] }).subarray(0, 8)],
    ["something after the packet", new Uint8Array([...encode({ type: 1, nsp: "/" }), 0])],
    ["a list", encode([2, "/"])],
    ["an unknown type", encode({ type: 9, nsp: "/" })],
    ["a type that is no number", encode({ type: "2", nsp: "/" })],
    ["no namespace", encode({ type: 2, data: ["a"] })],
    ["an id below zero", encode({ type: 3, nsp: "/", data: [], id: -1 })],
    ["an answer without an id", encode({ type: 3, nsp: "/", data: [] })],
    ["an event without a name", encode({ type: 2, nsp: "/", data: [] })],
    ["an event with a reserved name", encode({ type: 2, nsp: "/", data: ["disconnect"] })],
    ["CONNECT with bytes", encode({ type: 0, nsp: "/", data: bytes })],
    ["a timestamp extension", encode({ type: 2, nsp: "/", data: ["a", new Date(0)] })],
    ["any other extension", encode({ type: 2, nsp: "/", data: ["a", new ExtData(5, bytes)] })],
  ];
  test.each(garbage)("refuses %s", (_name, frame) => {
    expect(() => decode(frame)).toThrow();
  });

  test.each([
    ["a Date", new Date(0)],
    ["an ArrayBuffer", new ArrayBuffer(2)],
    ["a Map", new Map()],
    ["a function", () => 1],
  ])("refuses to send %s", (_name, value) => {
    expect(() => new Encoder().encode({ type: 2, nsp: "/", data: ["a", { value }] })).toThrow();
  });
});
