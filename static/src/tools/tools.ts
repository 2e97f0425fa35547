/** What works on text that is there already: its blocks, its looks, its code, and finding in it. */

import { shownAt } from "../editor/commands.ts";
import type { Feature, MakeFeature } from "../page/feature.ts";
import { arranging } from "./arranging.ts";
import { type Bubble, createBubble } from "./bubble.ts";
import { code } from "./code.ts";
import { find } from "./find.ts";
import { formatting } from "./formatting.ts";

export const tools: MakeFeature = (stage): Feature => {
  const blocks = arranging(stage);
  const parts = [formatting(stage, blocks.commands?.flat() ?? []), blocks, code(stage), find(stage)];
  let bubble: Bubble | null = null;
  return {
    commands: parts.flatMap((part) => part.commands ?? []),
    extensions: () => [
      ...(bubble === null ? [] : [bubble.extension]),
      ...parts.flatMap((part) => part.extensions?.() ?? []),
    ],
    offered(groups) {
      bubble = createBubble(stage.paper, shownAt("bubble", groups));
    },
    bind(editor) {
      for (const part of [...parts, bubble]) part?.bind?.(editor);
    },
  };
};
