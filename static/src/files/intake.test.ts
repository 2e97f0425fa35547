import { expect, test } from "vitest";
import { fileOf, filesIn, isOurs, takeInlineImages } from "./intake.ts";

const DOT = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

function transfer(data: Record<string, string>, files: File[] = []): DataTransfer {
  return {
    files,
    types: [...Object.keys(data), ...(files.length > 0 ? ["Files"] : [])],
    getData: (type: string) => data[type] ?? "",
  } as unknown as DataTransfer;
}

const PICTURE = new File(["x"], "image.png", { type: "image/png" });

test("a copied picture comes with HTML that only names it", () => {
  expect(filesIn(transfer({ "text/html": '<img src="https://example.com/a.png">' }, [PICTURE]))).toEqual([PICTURE]);
});

test("a copied file comes with its name as text", () => {
  expect(filesIn(transfer({ "text/plain": "image.png" }, [PICTURE]))).toEqual([PICTURE]);
});

test("copied text comes with a picture of itself from office programs, and is text", () => {
  expect(filesIn(transfer({ "text/html": "<p>words</p>", "text/plain": "words" }, [PICTURE]))).toEqual([]);
});

test("a dragged part of the text is no file", () => {
  expect(isOurs(transfer({ "text/html": '<p data-pm-slice="0 0 []">a</p>' }, [PICTURE]))).toBe(true);
  expect(isOurs(transfer({}, [PICTURE]))).toBe(false);
});

test("pictures in pasted HTML become files, and marks where they stood", () => {
  const { html, images } = takeInlineImages(`<p>a<img alt="x > src=&quot;y" src="${DOT}">b</p><p><img src="${DOT}" width="3"></p>`);
  expect(html).toBe("<p>a\uE0F10\uE0F2b</p><p>\uE0F11\uE0F2</p>");
  expect(images.map(({ name, type, size }) => [name, type, size])).toEqual([
    ["Pasted image.gif", "image/gif", 37],
    ["Pasted image.gif", "image/gif", 37],
  ]);
});

test("what is no image in base64 is dropped", () => {
  for (const rest of ["svg+xml,<svg/>", "png;base64,", "png;base64,*", "png;base64,A"]) {
    expect(fileOf(`data:image/${rest}`)).toBe(null);
  }
  expect(takeInlineImages('<img src="data:image/svg+xml,%3Csvg/%3E">').html).toBe("");
});

test("other images and tags stay as they are", () => {
  const html = '<p title="<img">x</p><img src="/f/a">';
  expect(takeInlineImages(html)).toEqual({ html, images: [] });
});
