/** A page that measures: one editor, and a crowd whose carets move as the server tells it. See carets_cost.py. */

import * as Y from "yjs";
import { createEditor } from "../../src/editor/create.ts";
import { required } from "../../src/editor/dom.ts";
import { Awareness } from "../../src/sync/awareness.ts";
import type { Participant } from "../../src/sync/types.ts";
import { createCarets } from "../../src/together/carets.ts";

const PARAGRAPHS = 1_000;
const WORDS = 50; // In each: 50,000 words in all.

/** The server gathers moves for so long. */
const TELL_MS = 100;

interface Crowd {
  /** Lets `people` carets move for `seconds`, and types a letter every 50 ms if asked. Answers ms for each letter. */
  run(people: number, seconds: number, typing: boolean): Promise<number[]>;
}

declare global {
  interface Window {
    crowd: Crowd;
  }
}

const doc = new Y.Doc();
const texts = write(doc);
const awareness = new Awareness(doc, () => undefined, (error) => console.error(error));
const editor = createEditor({
  element: required('[data-testid="editor"]'),
  provider: { doc },
  editable: true,
  placeholder: () => "",
  extensions: [createCarets(awareness, required("#paper")).extension],
  onLink: () => undefined,
  onHelp: () => undefined,
  onLost: (error) => reportError(error),
});
editor.commands.focus(3);

window.crowd = {
  async run(people, seconds, typing) {
    const spent: number[] = [];
    const rounds = (seconds * 1000) / TELL_MS;
    for (let round = 0; round < rounds; round += 1) {
      awareness.show(Array.from({ length: people }, (_, at) => participant(at, people, round)));
      for (const part of [0, 1]) {
        if (typing) spent.push(letter());
        await new Promise((resolve) => setTimeout(resolve, TELL_MS / 2, part));
      }
    }
    awareness.show([]);
    return spent;
  },
};

function letter(): number {
  const before = performance.now();
  editor.view.dispatch(editor.state.tr.insertText("x"));
  return performance.now() - before;
}

/** Every tenth stands in the first lines, which are seen; the others are all over the document. */
function participant(at: number, people: number, round: number): Participant {
  const place = at % 10 === 0 ? 1 + (at % 5) : Math.floor((at * texts.length) / people);
  const text = texts[place] as Y.XmlText;
  const head = Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(text, (round + at) % text.length, -1));
  return {
    id: `p${at}`,
    user: `u${at}`,
    name: `Person ${at}`,
    color: "#117733",
    clientId: 1_000 + at,
    role: "editor",
    cursor: { anchor: head, head },
  };
}

function write(into: Y.Doc): Y.XmlText[] {
  const fragment = into.getXmlFragment("default");
  const all: Y.XmlText[] = [];
  into.transact(() => {
    const paragraphs = Array.from({ length: PARAGRAPHS }, (_, at) => {
      const paragraph = new Y.XmlElement("paragraph");
      const text = new Y.XmlText("words ".repeat(WORDS - 1) + String(at));
      paragraph.insert(0, [text]);
      all.push(text);
      return paragraph;
    });
    fragment.insert(0, paragraphs);
  });
  return all;
}
