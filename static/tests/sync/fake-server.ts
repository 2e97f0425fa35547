/** The protocol in memory, behind sockets that behave like socket.io-client's, buffering included. */

import * as Y from "yjs";
import { Decoder, Encoder, type Packet } from "../../src/sync/parser.ts";
import type { SocketLike } from "../../src/sync/socket.ts";

type Fields = Record<string, unknown>;
export type Handling = "drop" | "lose" | Fields | undefined;

interface Visitor {
  id: string;
  clientId: number;
  cursor: unknown;
}

export class FakeDocument {
  doc = new Y.Doc({ gc: true });
  epoch = 1;
  seq = 0;
  title = "Launch plan";
}

/** Everything goes through the real parser: what cannot be sent fails here as well. */
function overTheWire(data: unknown[]): unknown[] {
  const [frame] = new Encoder().encode({ type: 2, nsp: "/", data });
  let packet: Packet | undefined;
  const decoder = new Decoder();
  decoder.on("decoded", (decoded) => (packet = decoded));
  decoder.add(frame);
  return packet?.data as unknown[];
}

export class FakeServer {
  readonly documents = new Map<string, FakeDocument>([["plan", new FakeDocument()]]);
  readonly sockets: FakeSocket[] = [];
  /** Every event that arrived, in order. */
  readonly received: { user: string; event: string; payload: Fields }[] = [];
  /** Person → role; not in here: a stranger. */
  readonly roles = new Map<string, string>([
    ["alice", "owner"],
    ["bob", "editor"],
    ["carol", "commenter"],
    ["vera", "viewer"],
  ]);
  reachable = true;
  hangs = false;
  refuse: { code: string; data?: Fields } | null = null;
  latencyMs = 5;
  /** Who is not shown to the others: these people, and so many more. */
  readonly hidden = new Set<string>();
  crowd = 0;
  /** Decides about an event before the server does: an answer, `drop` (never arrives) or `lose` (answer lost). */
  intercept: (user: string, event: string, payload: Fields) => Handling = () => undefined;
  #ids = 0;

  /** The factory for one person's connections. */
  socketsOf(user: string): (hint: { pollingFirst: boolean }) => FakeSocket {
    return (hint) => {
      this.#ids += 1;
      const socket = new FakeSocket(this, user, `s${this.#ids}`, hint.pollingFirst);
      this.sockets.push(socket);
      return socket;
    };
  }

  get plan(): FakeDocument {
    return this.documents.get("plan") as FakeDocument;
  }

  get text(): string {
    return this.plan.doc.getText("body").toString();
  }

  /** Payloads of the events of one kind, in order. */
  seen(event: string, user?: string): Fields[] {
    return this.received
      .filter((each) => each.event === event && (user === undefined || each.user === user))
      .map(({ payload }) => payload);
  }

  connected(user?: string): FakeSocket[] {
    return this.sockets.filter((socket) => socket.connected && (user === undefined || socket.user === user));
  }

  /** Cuts the line of everybody, or of one person. */
  cut(user?: string): void {
    for (const socket of this.connected(user)) socket.lose("transport close");
  }

  /** As a restore does. */
  replacePlan(text: string): void {
    const next = new FakeDocument();
    next.epoch = this.plan.epoch + 1;
    next.doc.getText("body").insert(0, text);
    this.documents.set("plan", next);
  }

  toEverybody(event: string, payload: Fields, except?: FakeSocket): void {
    for (const socket of this.visitors) if (socket !== except) socket.push(event, payload);
  }

  get visitors(): FakeSocket[] {
    return this.connected().filter(({ visitor }) => visitor !== null);
  }

  get others(): number {
    return this.crowd + this.visitors.filter(({ user }) => this.hidden.has(user)).length;
  }

  /** Tells everybody who joined, left or moved. */
  tellPeople(change: Fields, except?: FakeSocket): void {
    const nothing = { document: "plan", joined: [], left: [], cursors: {}, others: this.others };
    this.toEverybody("people", { ...nothing, ...change }, except);
  }

  handle(socket: FakeSocket, event: string, payload: Fields): Handling {
    this.received.push({ user: socket.user, event, payload });
    const decided = this.intercept(socket.user, event, payload);
    if (decided === "drop" || (typeof decided === "object" && decided !== null)) return decided;
    const answer = this.#answer(socket, event, payload);
    return decided === "lose" ? "lose" : answer;
  }

  #answer(socket: FakeSocket, event: string, payload: Fields): Fields {
    const document = this.documents.get(payload["document"] as string);
    const role = this.roles.get(socket.user);
    if (document === undefined || role === undefined) return refusal("not_found");
    if (event === "open") return this.#open(socket, document, role, payload);
    if (event === "edit") return this.#edit(socket, document, role, payload);
    if (event === "cursor" && socket.visitor !== null) {
      const { anchor, head } = payload;
      socket.visitor.cursor = anchor == null ? null : [anchor, head];
      this.tellPeople({ cursors: { [socket.visitor.id]: socket.visitor.cursor } }, socket);
    }
    if (event === "leave") socket.leave();
    return { ok: true };
  }

  #open(socket: FakeSocket, document: FakeDocument, role: string, payload: Fields): Fields {
    socket.visitor = { id: `p-${socket.id}`, clientId: payload["client_id"] as number, cursor: null };
    this.tellPeople(this.hidden.has(socket.user) ? {} : { joined: [this.describe(socket)] });
    const listed = this.visitors.filter((each) => each === socket || !this.hidden.has(each.user));
    return {
      ok: true,
      document: "plan",
      title: document.title,
      epoch: document.epoch,
      role,
      seq: document.seq,
      update: Y.encodeStateAsUpdate(document.doc, payload["have"] as Uint8Array),
      have: Y.encodeStateVector(document.doc),
      you: `p-${socket.id}`,
      people: listed.map((each) => this.describe(each)),
      others: this.visitors.length - listed.length + this.crowd,
    };
  }

  #edit(socket: FakeSocket, document: FakeDocument, role: string, payload: Fields): Fields {
    if (role !== "owner" && role !== "editor") return refusal("forbidden");
    const update = payload["update"] as Uint8Array;
    const state = Y.decodeStateVector(Y.encodeStateVector(document.doc));
    for (const { id, length } of Y.decodeUpdate(update).structs) {
      const isOthers = this.visitors.some(({ user, visitor }) => visitor?.clientId === id.client && user !== socket.user);
      if (isOthers && (state.get(id.client) ?? 0) < id.clock + length) return refusal("bad_frame");
    }
    const trial = new Y.Doc();
    Y.applyUpdate(trial, Y.encodeStateAsUpdate(document.doc));
    Y.applyUpdate(trial, update);
    if (trial.store.pendingStructs !== null || trial.store.pendingDs !== null) return refusal("gap");
    Y.applyUpdate(document.doc, update);
    document.seq += 1;
    this.toEverybody("edited", { document: "plan", update, seq: document.seq }, socket);
    return { ok: true, seq: document.seq };
  }

  describe(socket: FakeSocket): Fields {
    return {
      id: socket.visitor?.id,
      user: socket.user,
      name: socket.user.toUpperCase(),
      color: "#336699",
      client_id: socket.visitor?.clientId,
      role: this.roles.get(socket.user) ?? "viewer",
      cursor: socket.visitor?.cursor,
    };
  }
}

export function refusal(code: string, retryAfterMs?: number): Fields {
  return { ok: false, code, message: code, ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }) };
}

type Ack = (error: unknown, answer?: unknown) => void;
type Sending = { event: string; payload: unknown; ack: Ack | undefined; ms: number };

export class FakeSocket implements SocketLike {
  connected = false;
  visitor: Visitor | null = null;
  readonly sendBuffer: Sending[] = [];
  /** How often something was buffered to be sent after a reconnect. */
  buffered = 0;
  heartbeatOverdue = false;
  /** The most edits that ever waited for an answer at the same time. */
  mostEditsWaiting = 0;
  readonly transport = { writable: true };
  readonly io = { engine: { transport: this.transport } };
  readonly #listeners = new Map<string, ((payload: unknown) => void)[]>();
  /** Answer → the event that it is for. */
  readonly #acks = new Map<Ack, string>();
  #active = false;

  constructor(
    readonly server: FakeServer,
    readonly user: string,
    readonly id: string,
    readonly pollingFirst: boolean,
  ) {}

  on(event: string, listener: (payload: unknown) => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  connect(): void {
    this.#active = true;
    setTimeout(() => this.#arrive(), this.server.latencyMs);
  }

  #arrive(): void {
    if (!this.#active || this.server.hangs) return;
    const { reachable, refuse } = this.server;
    if (!reachable) return this.#fire("connect_error", new Error("xhr poll error"));
    if (refuse !== null) {
      this.#active = false;
      const data = refuse.data ?? { code: refuse.code };
      return this.#fire("connect_error", Object.assign(new Error(refuse.code), { data }));
    }
    this.connected = true;
    for (const sending of this.sendBuffer.splice(0)) this.#send(sending);
    this.#fire("connect", undefined);
  }

  disconnect(): void {
    this.#active = false;
    if (this.connected) this.lose("io client disconnect");
  }

  emit(event: string, payload: unknown): void {
    this.#send({ event, payload, ack: undefined, ms: 0 });
  }

  get volatile(): { emit(event: string, payload: unknown): void } {
    return { emit: (event, payload) => void (this.transport.writable && this.emit(event, payload)) };
  }

  timeout(ms: number): { emit(event: string, payload: unknown, ack: Ack): void } {
    return { emit: (event, payload, ack) => this.#send({ event, payload, ack, ms }) };
  }

  #send(sending: Sending): void {
    if (!this.connected || this.heartbeatOverdue) {
      this.buffered += 1;
      this.sendBuffer.push(sending);
      return;
    }
    const { event, payload, ack, ms } = sending;
    const [, arrived] = overTheWire([event, payload]);
    if (ack !== undefined) {
      this.#acks.set(ack, event);
      const edits = [...this.#acks.values()].filter((each) => each === "edit").length;
      this.mostEditsWaiting = Math.max(this.mostEditsWaiting, edits);
      setTimeout(() => this.#settle(ack, new Error("operation has timed out")), ms);
    }
    setTimeout(() => {
      if (!this.connected) return;
      const answer = this.server.handle(this, event, arrived as Fields);
      if (answer === "drop" || answer === "lose" || answer === undefined || ack === undefined) return;
      const [, back] = overTheWire(["answer", answer]);
      setTimeout(() => this.#settle(ack, null, back), this.server.latencyMs);
    }, this.server.latencyMs);
  }

  #settle(ack: Ack, error: unknown, answer?: unknown): void {
    if (this.#acks.delete(ack)) ack(error, answer);
  }

  /** The server sends an event. */
  push(event: string, payload: Fields): void {
    const [, arrived] = overTheWire([event, payload]);
    setTimeout(() => this.connected && this.#fire(event, arrived), this.server.latencyMs);
  }

  leave(): void {
    if (this.visitor === null) return;
    const left = this.server.hidden.has(this.user) ? [] : [this.visitor.id];
    this.visitor = null;
    this.server.tellPeople({ left });
  }

  lose(reason: string): void {
    if (!this.connected) return;
    this.connected = false;
    this.leave();
    this.#fire("disconnect", reason);
    for (const ack of [...this.#acks.keys()]) this.#settle(ack, new Error("socket has been disconnected"));
  }

  #fire(event: string, payload: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(payload);
  }
}
