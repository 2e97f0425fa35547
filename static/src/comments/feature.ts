/** Comments and suggestions. This much comes with the page; the rest with the first comment, or when asked for. */

import type { Editor } from "@tiptap/core";
import type { Command } from "../editor/commands.ts";
import { csrfToken } from "../page/csrf.ts";
import type { Feature, Stage } from "../page/feature.ts";
import { t } from "../page/words.ts";
import type { Status } from "../sync/types.ts";
import { createApi } from "./api.ts";
import type { CommentsDesk } from "./desk.ts";
import { commentMarks } from "./marks.ts";
import { isOpen, news } from "./order.ts";
import { CommentStore } from "./store.ts";

/** A link to a comment ends with this and the id of the comment, or of its thread. */
const HASH = "#comment-";

/** When a crowd comes back at once, each asks at another time: so much later for each of them, at most. */
const SPREAD_MS = 20;
const MOST_MS = 10_000;

const COMMENT = {
  name: "comment",
  label: t("Comment"),
  icon: "comment",
  shown: ["toolbar", "bubble"],
  keys: "Mod-Alt-m",
} as const satisfies Partial<Command>;

const SUGGESTION = {
  name: "suggestion",
  label: t("Suggest a change"),
  icon: "suggestion",
  shown: ["bubble", "menu"],
} as const satisfies Partial<Command>;

export function comments({ config, provider, panels, say, ...stage }: Stage): Feature {
  const store = new CommentStore(createApi({ url: config.commentsUrl, fetch: fetch.bind(window), token: csrfToken }));
  let desk: CommentsDesk | null = null;
  let coming: Promise<CommentsDesk | null> | null = null;
  let editor: Editor | null = null;
  let status = provider.status;
  let isAsked = false;
  const panel = panels.add({
    name: "comments",
    label: t("Comments"),
    icon: "comment",
    toggled: (open) => {
      if (open) void load().then((loaded) => loaded?.opened());
    },
  });

  const load = (): Promise<CommentsDesk | null> => (coming ??= fetchDesk());
  const fetchDesk = async (): Promise<CommentsDesk | null> => {
    try {
      const { createDesk } = await import("./desk.ts");
      desk = createDesk({ config, provider, panels, say, ...stage }, panel, store);
      desk.show(status);
      desk.bind(editor);
    } catch {
      coming = null;
      say(t("The comments cannot be shown without a connection."));
    }
    return desk;
  };
  const begin = (kind: "comment" | "suggestion"): void => void load().then((loaded) => loaded?.begin(kind));

  const openNamed = async (): Promise<void> => {
    if (!window.location.hash.startsWith(HASH) || !store.isLoaded || editor === null) return;
    const id = window.location.hash.slice(HASH.length);
    const loaded = await load();
    if (loaded?.open(id) === false) say(t("That comment is not there any more."));
  };
  window.addEventListener("hashchange", () => void openNamed());

  store.listen((before) => {
    panel.count(store.threads.filter(isOpen).length);
    // Readers get their buttons from there.
    if (store.threads.length > 0 || (store.may.comment && editor?.isEditable === false)) void load();
    if (before === null) void openNamed();
    else if (before.length + store.threads.length > 0) tell(news(before, store.threads, store.you));
  });
  const tell = (words: string): void => {
    if (words !== "") say(words);
  };
  provider.on("commented", ({ version }) => store.heard(version));

  const wake = (next: Status): void => {
    const before = status;
    status = next;
    if (!isAsked || next.role === null) return;
    const isBack = next.connection.kind === "online" && before.connection.kind !== "online";
    // What was commented meanwhile was told to others only.
    const crowd = provider.people.length + provider.others;
    const delay = isBack ? Math.random() * Math.min(MOST_MS, SPREAD_MS * crowd) : 0;
    if (isBack || next.role !== before.role) window.setTimeout(() => void store.refresh(), delay);
  };

  return {
    extensions: () => [commentMarks(() => desk?.painter ?? null, () => begin("comment"))],
    commands: [
      [
        { ...COMMENT, run: () => begin("comment") },
        { ...SUGGESTION, run: () => begin("suggestion") },
      ],
    ],
    bind(next) {
      const isOther = next !== editor;
      editor = next;
      if (isOther) desk?.bind(next);
      // Another document may have other positions.
      if (next === null || (!isOther && isAsked)) return;
      isAsked = true;
      void store.refresh();
    },
    show(next) {
      wake(next);
      desk?.show(next);
    },
  };
}

