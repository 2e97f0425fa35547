import { getSchema } from "@tiptap/core";
import { initProseMirrorDoc, relativePositionToAbsolutePosition } from "@tiptap/y-tiptap";
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { documentExtensions } from "../editor/schema.ts";
import { type Mapping, Places } from "./places.ts";

const SCHEMA = getSchema(documentExtensions(() => ""));

function element(name: string, ...children: (Y.XmlElement | Y.XmlText)[]): Y.XmlElement {
  const made = new Y.XmlElement(name);
  made.insert(0, children);
  return made;
}

function paragraph(words: string): Y.XmlElement {
  return element("paragraph", new Y.XmlText(words));
}

function written(...blocks: Y.XmlElement[]) {
  const doc = new Y.Doc();
  const fragment = doc.getXmlFragment("default");
  fragment.insert(0, blocks);
  const { mapping } = initProseMirrorDoc(fragment, SCHEMA);
  return { doc, fragment, mapping, places: new Places(fragment, mapping as unknown as Mapping) };
}

function texts(parent: Y.XmlFragment | Y.XmlElement): Y.XmlText[] {
  return parent.toArray().flatMap((child) => (child instanceof Y.XmlText ? [child] : texts(child as Y.XmlElement)));
}

describe("places", () => {
  test("every place in the text is where the binding has it", () => {
    const { doc, fragment, mapping, places } = written(
      paragraph("one"),
      element(
        "bulletList",
        element("listItem", paragraph("two"), paragraph("three")),
        element("listItem", paragraph("four")),
      ),
      element("blockquote", paragraph("five"), element("blockquote", paragraph("six"))),
      paragraph("seven"),
    );
    let compared = 0;
    for (const text of texts(fragment)) {
      for (let index = 0; index <= text.length; index += 1) {
        const position = Y.createRelativePositionFromTypeIndex(text, index, -1);
        const expected = relativePositionToAbsolutePosition(doc, fragment, position, mapping);
        // Its guard against a fault of its own gives up at the very start of the document.
        if (expected === null) continue;
        expect(places.of(position)?.at).toBe(expected);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(25);
  });

  test("the outermost block is told with it", () => {
    const { fragment, places } = written(paragraph("one"), element("blockquote", paragraph("two")), paragraph("three"));
    const blocks = texts(fragment).map((text) => places.of(Y.createRelativePositionFromTypeIndex(text, 1))?.block);
    expect(blocks).toEqual([0, 5, 12]);
  });

  test("a place between blocks", () => {
    const { fragment, places } = written(paragraph("one"), paragraph("two"));
    const between = Y.createRelativePositionFromTypeIndex(fragment, 1);
    expect(places.of(between)).toEqual({ block: 5, at: 5 });
    const end = Y.createRelativePositionFromTypeIndex(fragment, 2);
    expect(places.of(end)).toEqual({ block: 5, at: 10 });
  });

  test("what was deleted with its block is nowhere", () => {
    const { fragment, mapping } = written(paragraph("one"), paragraph("two"));
    const gone = Y.createRelativePositionFromTypeIndex(texts(fragment)[1] as Y.XmlText, 2);
    fragment.delete(1, 1);
    expect(new Places(fragment, mapping as unknown as Mapping).of(gone)).toBeNull();
  });

  test("a place in another text than the document's is nowhere", () => {
    const { doc, places } = written(paragraph("one"));
    const other = doc.getText("title");
    other.insert(0, "Launch plan");
    expect(places.of(Y.createRelativePositionFromTypeIndex(other, 3))).toBeNull();
  });

  test("what the editor does not know is nowhere", () => {
    const { fragment, places } = written(paragraph("one"));
    const late = paragraph("late");
    fragment.insert(1, [late]);
    expect(places.of(Y.createRelativePositionFromTypeIndex(late.get(0) as Y.XmlText, 1))).toBeNull();
  });
});
