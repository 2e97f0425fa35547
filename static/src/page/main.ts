/** Starts the document page. */

import { connect } from "../sync/index.ts";
import { readConfig } from "./config.ts";
import { startDocumentPage } from "./document-page.ts";

const config = readConfig();
startDocumentPage(config, connect().open(config.document));
