/** The document page put together: the provider on one side, the parts of the page on the other. */

import { required } from "../editor/dom.ts";
import type { Provider } from "../sync/index.ts";
import { operationsOf } from "../sync/rescue.ts";
import { mayEdit, type Status } from "../sync/types.ts";
import { isEditable, isTakenAway } from "./access.ts";
import { createChip } from "./chip-view.ts";
import type { PageConfig } from "./config.ts";
import { createDrafts, draftsKey } from "./drafts.ts";
import { FEATURES } from "./features.ts";
import { askBeforeLeaving } from "./leave.ts";
import { createOpening } from "./opening.ts";
import { createPanels } from "./panels.ts";
import { createRescue } from "./rescue.ts";
import { createTitle } from "./title.ts";
import { createWriting } from "./writing.ts";

/** What the page needs of the provider. */
export type PageProvider = Pick<Provider, "doc" | "awareness" | "status" | "people" | "others" | "on" | "retryNow">;

export function startDocumentPage(config: PageConfig, provider: PageProvider): void {
  const paper = required("#paper");
  const surface = required('[data-testid="editor"]');
  const dock = required("#toolbar-dock");
  const voice = required("#voice");
  const say = (words: string): void => void (voice.textContent = words);

  const tools = required("#document-tools");
  const panels = createPanels(required("#side"), tools);
  const features = FEATURES.map((make) => make({ config, provider, paper, dock, panels, say }));
  const moved = (): void => show(provider.status);
  const writing = createWriting({ provider, paper, surface, dock, tools, features, moved });
  const opening = createOpening(required("#opening"), surface);
  const chip = createChip({
    chip: required('[data-testid="state-chip"]'),
    notice: required("#notice"),
    say,
    signInUrl: config.signInUrl,
    roomUrl: config.roomUrl,
    retry: () => provider.retryNow(),
  });
  const title = createTitle({
    input: required<HTMLInputElement>('[data-testid="title"]'),
    problem: required("#title-problem"),
    renameUrl: config.renameUrl,
    title: config.title,
  });
  const rescue = createRescue({
    panel: required('[data-testid="rescue"]'),
    drafts: createDrafts(window.sessionStorage, draftsKey(config.person.id, config.document)),
    insert: writing.append,
  });
  const show = (status: Status): void => {
    writing.show(status);
    const editable = isEditable(status) && !writing.isLost;
    chip.show(status, writing.isLost);
    opening.show(!writing.isOpen, status);
    rescue.allow(editable);
    title.allow(editable);
    // Before the text is there, the room for the toolbar is kept for whoever will have one.
    dock.hidden = !(editable || (!writing.isOpen && mayEdit(config.role)));
    paper.classList.toggle("is-dimmed", isTakenAway(status));
  };

  provider.on("status", show);
  provider.on("renamed", title.renamed);
  provider.on("rescue", ({ code, text, update }) => {
    rescue.keep({ code, text, at: Date.now(), of: [operationsOf(update)] });
  });
  provider.on("replaced", () => {
    writing.replace();
    show(provider.status);
  });
  show(provider.status);
  askBeforeLeaving(() => provider.status.words !== "saved" || rescue.holdsWords);
  retryOnReturn(provider);
}

/** Back from signing in in another tab: what waited is sent. */
function retryOnReturn(provider: PageProvider): void {
  document.addEventListener("visibilitychange", () => {
    const { refusal, connection } = provider.status;
    const signedOut = refusal === "signed_out" || (connection.kind === "stopped" && connection.code === "signed_out");
    if (signedOut && document.visibilityState === "visible") provider.retryNow();
  });
}
