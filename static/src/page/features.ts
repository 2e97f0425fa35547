/** Everything that the document page can do beside writing, in the order of the toolbar. */

import { together } from "../together/together.ts";
import { files } from "../files/files.ts";
import { view } from "../view/view.ts";
import { comments } from "../comments/feature.ts";
import { tools } from "../tools/tools.ts";
import { insert } from "../insert/insert.ts";
import type { MakeFeature } from "./feature.ts";

export const FEATURES: readonly MakeFeature[] = [insert, tools, comments, together, files, view];
