/** The boxes of a piece of text made into one box a line. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Boxes that share most of their height are on one line; what touches there is one box. Empty ones are left out. */
export function rows(boxes: readonly Box[], most: number): Box[] {
  const lines: Box[][] = [];
  const fromTheTop = boxes.filter(({ left, right }) => right > left).sort((a, b) => a.top - b.top);
  for (const box of fromTheTop) {
    const line = lines.find(([first]) => first !== undefined && sharesHeight(first, box));
    if (line === undefined) lines.push([box]);
    else line.push(box);
  }
  return lines.flatMap(joined).slice(0, most);
}

function joined(line: readonly Box[]): Box[] {
  const made: Box[] = [];
  for (const box of [...line].sort((a, b) => a.left - b.left)) {
    const last = made[made.length - 1];
    if (last !== undefined && box.left <= last.right + 1) made[made.length - 1] = union(last, box);
    else made.push(box);
  }
  return made;
}

function sharesHeight(a: Box, b: Box): boolean {
  const common = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return common > Math.min(a.bottom - a.top, b.bottom - b.top) / 2;
}

function union(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}
