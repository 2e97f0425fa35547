import { expect, test } from "vitest";
import { createApi } from "./api.ts";
import { commentDraftsKey, createCommentDrafts } from "./drafts.ts";
import { thread } from "./stock.ts";
import { CommentStore } from "./store.ts";

const MAY = { comment: true, edit: false, own: false };

/** A server that answers what it is given, and remembers what it was asked. */
function server(...answers: readonly (readonly [status: number, body: unknown] | "down")[]) {
  const left = [...answers];
  const asked: { url: string; body: unknown; token: string | undefined }[] = [];
  const fake = async (url: string, init: RequestInit): Promise<Response> => {
    const headers = init.headers as Record<string, string>;
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : null;
    asked.push({ url, body, token: headers["X-CSRFToken"] });
    const answer = left.shift();
    if (answer === undefined || answer === "down") throw new TypeError("no line");
    return new Response(JSON.stringify(answer[1]), { status: answer[0] });
  };
  const api = createApi({ url: "/d/key/comments", fetch: fake as typeof fetch, token: () => "token" });
  return { asked, store: new CommentStore(api) };
}

const all = (version: number, ...ids: string[]) =>
  [200, { version, you: "alice", may: MAY, threads: ids.map((id) => thread(id)) }] as const;

const ids = (store: CommentStore): string[] => store.threads.map(({ id }) => id);

test("asks when it hears of a newer version, and not of one that it knows", async () => {
  const { store, asked } = server(all(3, "a"), all(4, "a", "b"));
  await store.refresh();
  store.heard(3);
  expect(asked.length).toBe(1);
  store.heard(4);
  await store.refresh();
  expect(ids(store)).toEqual(["a", "b"]);
});

test("an answer that was overtaken changes nothing", async () => {
  const { store } = server(all(5, "new"), all(4, "old"));
  await store.refresh();
  await store.refresh();
  expect(ids(store)).toEqual(["new"]);
});

test("while one question is on its way, one more follows and no third", async () => {
  const { store, asked } = server(all(1, "a"), all(2, "b"), all(3, "c"));
  await Promise.all([store.refresh(), store.refresh(), store.refresh()]);
  expect(asked.length).toBe(2);
  expect(ids(store)).toEqual(["b"]);
});

test("a change shows at once; a thread that is gone leaves", async () => {
  const { store, asked } = server(
    all(1, "a", "b"),
    [200, { version: 2, thread: { ...thread("a"), state: "resolved" } }],
    [200, { version: 3, thread: null }],
    [201, { version: 4, thread: thread("c") }],
  );
  await store.refresh();
  await store.changed("a", store.api.turn("a", "resolved"));
  expect(store.thread("a")?.state).toBe("resolved");
  await store.changed("b", store.api.remove("b", "b1"));
  const place = { anchor: "AA==", head: "AA==", quote: "q" };
  const beginning = { kind: "comment", ...place, body: "b", replacement: null } as const;
  await store.changed(null, store.api.begin(beginning));
  expect(ids(store)).toEqual(["a", "c"]);
  expect(asked.slice(1)).toEqual([
    { url: "/d/key/comments/a/state", body: { state: "resolved" }, token: "token" },
    { url: "/d/key/comments/b/b1/delete", body: {}, token: "token" },
    { url: "/d/key/comments", body: beginning, token: "token" },
  ]);
});

test("a link may name a thread or a comment in it", async () => {
  const { store } = server(all(1, "a", "b"));
  await store.refresh();
  expect([store.named("b")?.id, store.named("b1")?.id, store.named("c")]).toEqual(["b", "b", undefined]);
});

test.each([
  ["down", "There is no connection", "offline"],
  [[401, {}], "You are signed out", "signed_out"],
  [[429, { code: "slow_down", message: "Wait a minute." }], "Wait a minute.", "slow_down"],
  [[502, "<html>"], "A fault on the server", "internal"],
] as const)("words for %j", async (answer, words, code) => {
  const { store } = server(answer);
  const result = await store.changed("a", store.api.reply("a", "b"));
  expect(result).toMatchObject({ problem: expect.stringContaining(words), code });
});

test("drafts are kept by place until they are empty, and for one person in one document", () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
  const key = commentDraftsKey("alice", "document");
  const drafts = createCommentDrafts(storage, key);
  drafts.set("reply:a", "half a sen");
  drafts.beginning = { kind: "comment", anchor: "a", head: "h", quote: "q" };
  const again = createCommentDrafts(storage, key);
  expect([again.get("reply:a"), again.get("new"), again.beginning?.quote]).toEqual(["half a sen", "", "q"]);
  expect(createCommentDrafts(storage, commentDraftsKey("bob", "document")).get("reply:a")).toBe("");
  again.set("reply:a", "");
  again.beginning = null;
  expect(kept.size).toBe(0);
});
