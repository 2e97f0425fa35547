/** The slash menu in groups, in the order in which people look for things. */

import { t } from "../page/words.ts";

const BLOCKS = ["image", "file", "table", "codeBlock", "horizontalRule", "blockMath"];
const IN_THE_LINE = ["inlineMath", "mention", "documentLink"];

const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  [t("Text"), ["heading1", "heading2", "heading3", "heading4", "blockquote", "details"]],
  [t("Lists"), ["bulletList", "orderedList", "taskList"]],
  [t("Notes"), ["callout-note", "callout-tip", "callout-warning", "callout-danger"]],
  [t("Insert"), [...BLOCKS, ...IN_THE_LINE]],
];

const OTHERS = t("More");

export interface Group<Item> {
  readonly label: string;
  readonly commands: readonly Item[];
}

/** Commands that no group names come last, in the order that they have; groups without any are left out. */
export function inGroups<Item extends { readonly name: string }>(commands: readonly Item[]): Group<Item>[] {
  const named = new Set(GROUPS.flatMap(([, names]) => names));
  const groups: Group<Item>[] = GROUPS.map(([label, names]) => ({
    label,
    commands: names.flatMap((name) => commands.filter((command) => command.name === name)),
  }));
  groups.push({ label: OTHERS, commands: commands.filter(({ name }) => !named.has(name)) });
  return groups.filter((group) => group.commands.length > 0);
}
