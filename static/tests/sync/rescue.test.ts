import * as Y from "yjs";
import { describe, expect, test } from "vitest";
import { operationsOf, rescueDraft } from "../../src/sync/rescue.ts";

/** The update of what `change` does to `doc`. */
function written(doc: Y.Doc, change: () => void): Uint8Array {
  const updates: Uint8Array[] = [];
  const note = (update: Uint8Array): void => void updates.push(update);
  doc.on("update", note);
  change();
  doc.off("update", note);
  return Y.mergeUpdates(updates);
}

function paragraph(doc: Y.Doc, text: string): Y.XmlText {
  const node = new Y.XmlText(text);
  const element = new Y.XmlElement("paragraph");
  element.insert(0, [node]);
  const root = doc.getXmlFragment("default");
  root.insert(root.length, [element]);
  return node;
}

describe("a rescue draft", () => {
  test("has only what was written, in reading order and not in the order of typing", () => {
    const doc = new Y.Doc();
    const body = doc.getText("body");
    body.insert(0, "[old]");
    const update = written(doc, () => {
      body.insert(body.length, "world");
      body.insert(5, "hello ");
    });
    expect(rescueDraft("forbidden", update, doc)).toEqual({ code: "forbidden", update, text: "hello world" });
  });

  test("puts different text nodes on different lines", () => {
    const doc = new Y.Doc();
    const first = paragraph(doc, "old one. ");
    const second = paragraph(doc, "old two. ");
    const update = written(doc, () => {
      second.insert(second.length, "below");
      first.insert(first.length, "above");
      paragraph(doc, "a new paragraph");
    });
    expect(rescueDraft("too_large", update, doc).text).toBe("above\nbelow\na new paragraph");
  });

  test("leaves out what the person took back", () => {
    const doc = new Y.Doc();
    const body = doc.getText("body");
    const update = written(doc, () => {
      body.insert(0, "yes no");
      body.delete(3, 3);
    });
    expect(rescueDraft("forbidden", update, doc).text).toBe("yes");
  });

  test("keeps what somebody else deleted around it", () => {
    const doc = new Y.Doc();
    const node = paragraph(doc, "shared");
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    other.getXmlFragment("default").delete(0, 1);
    const update = written(doc, () => node.insert(3, "mine"));
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    expect(doc.getXmlFragment("default").toString()).toBe("");
    expect(rescueDraft("forbidden", update, doc).text).toBe("mine");
  });

  test("of deletions alone has no text", () => {
    const doc = new Y.Doc();
    doc.getText("body").insert(0, "old");
    const update = written(doc, () => doc.getText("body").delete(0, 3));
    expect(rescueDraft("forbidden", update, doc).text).toBe("");
  });
});

test("operations have one name, whoever merged them, and the same letter written again has another", () => {
  const doc = new Y.Doc();
  const body = doc.getText("body");
  const first = written(doc, () => body.insert(0, "a"));
  const second = written(doc, () => body.insert(1, "a"));
  expect(operationsOf(Y.mergeUpdates([first]))).toBe(operationsOf(first));
  expect(operationsOf(second)).not.toBe(operationsOf(first));
  expect(operationsOf(Y.mergeUpdates([first, second]))).not.toBe(operationsOf(first));
});
