/** Line icons on a 24-pixel grid, built node by node. */

const SVG = "http://www.w3.org/2000/svg";

/** Each icon is a list of path data; `T:` draws a short text, for the headings. */
const ICONS = {
  undo: ["M9 14 4 9l5-5", "M4 9h10a6 6 0 0 1 0 12h-3"],
  redo: ["m15 14 5-5-5-5", "M20 9H10a6 6 0 0 0 0 12h3"],
  bold: ["M7 5h6a3.5 3.5 0 0 1 0 7H7z", "M7 12h7a3.5 3.5 0 0 1 0 7H7z"],
  italic: ["M10 5h7", "M7 19h7", "M14 5l-4 14"],
  underline: ["M7 4v7a5 5 0 0 0 10 0V4", "M5 20h14"],
  strike: ["M4 12h16", "M16 7.5C15.5 5.6 14 5 12 5 9.5 5 8 6.2 8 8c0 1 .4 1.7 1.2 2.2", "M8 16.5c.6 1.7 2 2.5 4 2.5 2.6 0 4-1.2 4-3 0-.7-.2-1.2-.5-1.6"],
  code: ["m8 8-4 4 4 4", "m16 8 4 4-4 4"],
  heading1: ["T:H1"],
  heading2: ["T:H2"],
  heading3: ["T:H3"],
  bulletList: ["M9 6h11", "M9 12h11", "M9 18h11", "M4.5 6h.01", "M4.5 12h.01", "M4.5 18h.01"],
  orderedList: ["M10 6h10", "M10 12h10", "M10 18h10", "M4 4.5 5.5 4v4.5", "M4 8.5h3", "M4 14.5c.5-1 2.5-1 2.5.3C6.5 16 4 17 4 18.5h2.7"],
  taskList: ["M11 6h9", "M11 12h9", "M11 18h9", "m3.5 6 1.3 1.3L7.5 4.5", "m3.5 12 1.3 1.3 2.7-2.8", "m3.5 18 1.3 1.3 2.7-2.8"],
  blockquote: ["M5 5v14", "M9 8h11", "M9 12h11", "M9 16h7"],
  codeBlock: ["M4 5h16v14H4z", "m9 10-2 2 2 2", "m15 10 2 2-2 2"],
  link: ["M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7", "M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7L12 17"],
  table: ["M4 5h16v14H4z", "M4 10h16", "M12 10v9"],
  horizontalRule: ["M4 12h16", "M8 7h8", "M8 17h8"],
  image: ["M4 5h16v14H4z", "m4 16 4.5-4.5 4 4 2.5-2.5 5 5", "M15.5 9.5h.01"],
  paperclip: ["m19 11-7.5 7.5a4.5 4.5 0 0 1-6.4-6.4L12.8 4.4a3 3 0 0 1 4.3 4.3l-7.5 7.5a1.5 1.5 0 0 1-2.2-2.1l6.8-6.9"],
  imageLeft: ["M4 7h9v7H4z", "M4 18.5h16", "M17 7h3", "M17 10.5h3", "M17 14h3"],
  imageCenter: ["M7.5 7h9v7h-9z", "M4 18.5h16", "M4 3.5h16"],
  imageRight: ["M11 7h9v7h-9z", "M4 18.5h16", "M4 7h3", "M4 10.5h3", "M4 14h3"],
  describe: ["M4 5h16v11H10l-4 3.5V16H4z", "M8 9h8", "M8 12.5h5"],
  replace: ["M4 11a8 8 0 0 1 14-4.5L20 9", "M20 4v5h-5", "M20 13a8 8 0 0 1-14 4.5L4 15", "M4 20v-5h5"],
  help: ["M4 6h16v12H4z", "M8 10h.01", "M12 10h.01", "M16 10h.01", "M8 14h8"],
  columnBefore: ["M11 4h9v16h-9z", "M5 9v6", "M2 12h6"],
  columnAfter: ["M4 4h9v16H4z", "M19 9v6", "M16 12h6"],
  columnDelete: ["M4 4h9v16H4z", "m16 10 4 4", "m20 10-4 4"],
  columnWider: ["M8 4v16", "M16 4v16", "M5 9l-3 3 3 3", "m19 9 3 3-3 3"],
  columnNarrower: ["M10 4v16", "M14 4v16", "m3 9 3 3-3 3", "m21 9-3 3 3 3"],
  rowBefore: ["M4 11h16v9H4z", "M9 5h6", "M12 2v6"],
  rowAfter: ["M4 4h16v9H4z", "M9 19h6", "M12 16v6"],
  rowDelete: ["M4 4h16v9H4z", "m10 16 4 4", "m14 16-4 4"],
  tableDelete: ["M4 7h16", "M9 7V4h6v3", "M6 7l1 13h10l1-13", "M10 11v5", "M14 11v5"],
  open: ["M14 4h6v6", "M20 4l-9 9", "M18 13v7H4V6h7"],
  close: ["m6 6 12 12", "M18 6 6 18"],
  eye: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z", "M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z"],
  contents: ["M4 6h10", "M7 12h10", "M7 18h10", "M20 6h.01", "M20 12h.01", "M20 18h.01"],
  count: ["M5 18 9 7l4 11", "M6.5 14.5h5", "M16 9v9", "M20 6v12"],
  focus: ["M4 9V4h5", "M15 4h5v5", "M20 15v5h-5", "M9 20H4v-5", "M9 12h6"],
  wide: ["M3 5v14", "M21 5v14", "M7 12h10", "m10 9-3 3 3 3", "m14 9 3 3-3 3"],
  print: ["M7 9V4h10v5", "M7 17H4V9h16v8h-3", "M7 14h10v6H7z"],
  // The shapes of the state chip: each has its own outline, so that they differ without colour.
  dots: ["M5 12h.01", "M12 12h.01", "M19 12h.01"],
  tick: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "m8 12.5 2.7 2.7L16 9.5"],
  up: ["M12 20V5", "m6 11 6-6 6 6"],
  device: ["M3 5h18v11H3z", "M8 20h8", "M12 16v4"],
  offline: ["M4 4l16 16", "M8 8.5A6 6 0 0 0 6.5 18H17", "M11 6.2A6 6 0 0 1 17.5 11 3.7 3.7 0 0 1 20.5 16"],
  clock: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M12 7.5V12l3 2"],
  stop: ["M8 3h8l5 5v8l-5 5H8l-5-5V8z", "M8 12h8"],
  key: ["M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "m11 12 8-8", "m15.5 7.5 3 3"],
  warning: ["M12 4 2.5 20h19z", "M12 10v4.5", "M12 17.3h.01"],
  comment: ["M4 5h16v11H11l-5 4v-4H4z"],
  suggestion: ["M4 20l1-4L16 5l3 3L8 19z", "M14 7l3 3", "M13 20h7"],
  smile: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M8 14.5c2 2.7 6 2.7 8 0", "M9 9.5h.01", "M15 9.5h.01"],
  pencil: ["M4 20l1-4L16 5l3 3L8 19z", "M14 7l3 3"],
  heading4: ["T:H4"],
  paragraph: ["M6 7V5h12v2", "M12 5v14", "M9.5 19h5"],
  callout: ["M4 5h16v14H4z", "M4 9h16", "M8 13h8"],
  find: ["M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z", "m15.5 15.5 5 5"],
  down: ["M12 4v15", "m6 13 6 6 6-6"],
  copy: ["M9 9h11v11H9z", "M6 15H4V4h11v2"],
  grip: ["M9 6h.01", "M15 6h.01", "M9 12h.01", "M15 12h.01", "M9 18h.01", "M15 18h.01"],
  textColor: ["m7 15 5-11 5 11", "M9 11h6", "M5 20h14"],
  highlight: ["M5 20h14", "m8 15 8-9 3 3-8 8H8z"],
  noColor: ["M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z", "m6.5 6.5 11 11"],
  superscript: ["m5 8 8 10", "M13 8 5 18", "M16 5.5c.3-1 3.5-1.3 3.5.6 0 1.7-3.5 2.4-3.5 4.4h3.8"],
  subscript: ["m5 5 8 10", "M13 5 5 15", "M16 14.5c.3-1 3.5-1.3 3.5.6 0 1.7-3.5 2.4-3.5 4.4h3.8"],
  alignLeft: ["M4 6h16", "M4 10h10", "M4 14h16", "M4 18h10"],
  alignCenter: ["M4 6h16", "M7 10h10", "M4 14h16", "M7 18h10"],
  alignRight: ["M4 6h16", "M10 10h10", "M4 14h16", "M10 18h10"],
  alignJustify: ["M4 6h16", "M4 10h16", "M4 14h16", "M4 18h16"],
  note: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M12 11v5", "M12 7.8h.01"],
  tip: ["M9 18h6", "M10 21h4", "M8.5 14.5a6 6 0 1 1 7 0c-.6.5-1 1.2-1 2h-5c0-.8-.4-1.5-1-2z"],
  details: ["m5 6 4 3-4 3z", "M12 9h8", "M12 14h8", "M12 18h5"],
  formula: ["M18 6V4H6l6 8-6 8h12v-2"],
  mention: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M16 8v5.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.5 7"],
  document: ["M6 3h8l4 4v14H6z", "M14 3v4h4", "M9 12h6", "M9 16h6"],
  mergeCells: ["M4 5h16v14H4z", "M7 12h3.5", "m9 10.5 1.5 1.5L9 13.5", "M17 12h-3.5", "m15 10.5-1.5 1.5 1.5 1.5"],
  splitCell: ["M4 5h16v14H4z", "M12 5v3", "M12 16v3", "M10.5 12H7", "m8.5 10.5L7 12l1.5 1.5", "M13.5 12H17", "m15.5 10.5 1.5 1.5-1.5 1.5"],
  headerRow: ["M4 5h16v14H4z", "M4 10h16", "M6 7.5h12", "M12 10v9"],
  headerColumn: ["M4 5h16v14H4z", "M10 5v14", "M7 7v10", "M10 12h10"],
  sortUp: ["M7 19V5", "m3.5 8.5L7 5l3.5 3.5", "M14 7h3", "M14 12h5", "M14 17h7"],
  sortDown: ["M7 5v14", "m3.5 15.5L7 19l3.5-3.5", "M14 7h7", "M14 12h5", "M14 17h3"],
} as const satisfies Record<string, readonly string[]>;

export type IconName = keyof typeof ICONS;

/** A decorative icon: whoever holds it carries the words. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  for (const part of ICONS[name]) svg.append(part.startsWith("T:") ? letters(part.slice(2)) : path(part));
  return svg;
}

function path(data: string): SVGPathElement {
  const element = document.createElementNS(SVG, "path");
  element.setAttribute("d", data);
  return element;
}

function letters(text: string): SVGTextElement {
  const element = document.createElementNS(SVG, "text");
  element.setAttribute("x", "12");
  element.setAttribute("y", "17");
  element.setAttribute("text-anchor", "middle");
  element.textContent = text;
  return element;
}
