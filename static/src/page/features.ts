/** Everything that the document page can do beside writing, in the order of the toolbar. */

import type { MakeFeature } from "./feature.ts";

export const FEATURES: readonly MakeFeature[] = [];
