/** Writing together: who is here, where they are, what they are doing, and who was the last to write. */

import type { Editor } from "@tiptap/core";
import type * as Y from "yjs";
import { h, required } from "../editor/dom.ts";
import type { Feature, Stage } from "../page/feature.ts";
import type { Participant } from "../sync/types.ts";
import { Activities, writingText } from "./activity.ts";
import { type Carets, type CaretSource, createCarets } from "./carets.ts";
import { written } from "./edits.ts";
import { createFaces } from "./faces.ts";
import { createFlashes, type Flashes } from "./flash.ts";
import { createFollow } from "./follow.ts";
import { type LastEdit, lastEditText } from "./last-edit.ts";

/** While somebody writes, and while nobody does. */
const LOOK_MS = { busy: 1_000, calm: 30_000 };

export function together({ config, provider, paper, say }: Stage): Feature {
  const you = config.person.id;
  const activities = new Activities();
  let carets: Carets | null = null;
  let flashes: Flashes | null = null;
  let doc: Y.Doc | null = null;
  let timer = 0;
  let frame = 0;
  let last = config.lastEdit === null ? null : lastEdit(config.lastEdit.id, config.lastEdit.name, config.lastEdit.at);

  const doing = h("span", { class: "doing", "data-testid": "doing" });
  required("#others").after(doing);
  const faces = createFaces({
    row: required('[data-testid="people"]'),
    others: required("#others"),
    you,
    activity: (person) => activities.of(person, Date.now()),
    pick: (person, name) => follow.pick(person, name),
  });
  const follow = createFollow({ paper, carets: () => carets, say, changed: faces.follow });

  function lastEdit(id: string, name: string, at: number): LastEdit {
    return { name: id === you ? null : name, at };
  }
  const authorOf = (client: number): Participant | undefined =>
    provider.people.find(({ clientId }) => clientId === client);

  const lightOf = (client: number): string | null => {
    const author = authorOf(client);
    return author === undefined || author.user === you ? null : author.color;
  };

  const look = (): void => {
    frame = 0;
    window.clearTimeout(timer);
    const now = Date.now();
    const writers = new Map<string, string>();
    for (const { user, name } of provider.people) {
      if (user !== you && activities.of(user, now) === "writing") writers.set(user, name);
    }
    doing.classList.toggle("is-past", writers.size === 0);
    const language = document.documentElement.lang || "en";
    doing.textContent = writingText([...writers.values()]) || (last === null ? "" : lastEditText(last, now, language));
    faces.look();
    timer = window.setTimeout(look, writers.size > 0 ? LOOK_MS.busy : LOOK_MS.calm);
  };

  // Ten people who write make many edits a frame.
  const lookSoon = (): void => {
    if (frame === 0) frame = requestAnimationFrame(look);
  };

  const changed = (transaction: Y.Transaction): void => {
    const pieces = written(transaction);
    if (pieces.length === 0) return;
    const now = Date.now();
    if (transaction.local) {
      const isNews = last?.name !== null;
      last = lastEdit(you, "", now);
      if (isNews) lookSoon();
      return;
    }
    for (const { client } of pieces) {
      const author = authorOf(client);
      if (author === undefined) continue;
      activities.wrote(author.user, now);
      last = lastEdit(author.user, author.name, now);
    }
    flashes?.show(pieces);
    lookSoon();
  };

  const listen = (next: Y.Doc | null): void => {
    if (next === doc) return;
    doc?.off("afterTransaction", changed);
    doc = next;
    doc?.on("afterTransaction", changed);
  };

  let before = new Map<string, unknown>();
  provider.on("people", (people, others) => {
    const now = Date.now();
    for (const { id, user, cursor } of people) {
      if (!before.has(id) || before.get(id) !== cursor) activities.moved(user, now);
    }
    before = new Map(people.map(({ id, cursor }) => [id, cursor]));
    activities.keep(new Set(people.map(({ user }) => user)));
    faces.show(people, others);
  });
  faces.show(provider.people, provider.others);
  look();

  return {
    extensions() {
      const made = createCarets(provider.awareness as CaretSource, paper);
      carets = made;
      flashes = createFlashes({ layer: made.layer, text: () => made.text, color: lightOf });
      return [made.extension];
    },
    bind(editor: Editor | null) {
      listen(editor === null ? null : provider.doc);
    },
  };
}
