/** The row of avatars, and the list behind it. */

import { inkOn, participantColor } from "../editor/color.ts";
import { h, PHONE } from "../editor/dom.ts";
import { icon } from "../editor/icons.ts";
import { t, tn } from "../page/words.ts";
import type { Participant } from "../sync/types.ts";
import type { Activity } from "./activity.ts";
import { activityText, fit, othersText, peopleHere, type PersonHere } from "./people.ts";

/** More than these push the title off its line. */
const ROOM = { screen: 5, phone: 3 };

/** As wide as `.menu[popover]` in components.css. */
const LIST_WIDTH_PX = 264;
const GAP_PX = 6;

export interface FacesOptions {
  readonly row: HTMLElement;
  /** Where `2 others here` stands. */
  readonly others: HTMLElement;
  readonly you: string;
  readonly activity: (person: string) => Activity;
  /** Somebody else was chosen. */
  readonly pick: (person: string, name: string) => void;
}

export interface Faces {
  /** `unlisted`: how many are here beside these. */
  show(participants: readonly Participant[], unlisted: number): void;
  /** Somebody may be doing something else now. */
  look(): void;
  /** The person whose caret the page follows, or null. */
  follow(person: string | null): void;
}

export function createFaces({ row, others, you, activity, pick }: FacesOptions): Faces {
  const phone = window.matchMedia(PHONE);
  let participants: readonly Participant[] = [];
  let unlisted = 0;
  let followed: string | null = null;
  let drawn = "";

  const list = h("div", {
    id: "people-list",
    class: "menu people-list",
    popover: "auto",
    role: "dialog",
    "aria-label": t("People in this document"),
    "data-testid": "people-list",
  });
  const count = h("button", { type: "button", class: "people-count", popovertarget: list.id });
  document.body.append(list);
  count.hidden = true;
  others.replaceChildren(count);

  /** Below whatever opens it; a phone has it at the bottom. */
  const placeList = (): void => {
    const opener = document.activeElement;
    if (phone.matches || !(opener instanceof HTMLElement) || opener.getAttribute("popovertarget") !== list.id) return;
    const { bottom, left } = opener.getBoundingClientRect();
    const farthest = document.documentElement.clientWidth - LIST_WIDTH_PX - GAP_PX;
    list.style.top = `${bottom + GAP_PX}px`;
    list.style.right = "auto";
    list.style.left = `${Math.max(GAP_PX, Math.min(left, farthest))}px`;
  };

  const fill = async (): Promise<void> => {
    const { drawPeopleList } = await import("./people-list.ts");
    const choose = (person: string, name: string): void => {
      list.hidePopover();
      pick(person, name);
    };
    drawPeopleList(list, { people: peopleHere(participants, you), unlisted, followed, activity, choose });
  };
  list.addEventListener("beforetoggle", (event) => {
    for (const side of ["top", "left", "right"]) list.style.removeProperty(side);
    if ((event as ToggleEvent).newState === "open") placeList();
  });
  list.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState === "open") void fill().then(() => list.querySelector("button")?.focus());
    else list.replaceChildren();
  });

  const draw = (): void => {
    const people = peopleHere(participants, you);
    // Carets move ten times a second; an avatar that is replaced under the pointer cannot be clicked.
    const doing = people.map(({ id }) => activity(id));
    const picture = JSON.stringify([people, doing, unlisted, followed, phone.matches]);
    if (picture === drawn) return;
    drawn = picture;
    const focused = focusedIn(row);
    const { shown, more, hidden } = fit(people, phone.matches ? ROOM.phone : ROOM.screen, unlisted);
    row.replaceChildren(...shown.map((person) => h("li", {}, face(person))));
    if (more > 0) row.append(h("li", {}, rest(more, hidden)));
    count.textContent = othersText(people, unlisted);
    count.hidden = count.textContent === "";
    if (focused !== null) buttonsOf(row).find((button) => nameOf(button) === focused)?.focus();
    if (list.matches(":popover-open")) void fill();
  };

  const face = (person: PersonHere): HTMLElement => {
    const doing = activity(person.id);
    const words = person.isViewer ? t("views only") : activityText(false, doing);
    const { name } = person;
    const who = person.isYou ? t("{name} (you)", { name }) : words === "" ? name : `${name}, ${words}`;
    const button = h(
      "button",
      {
        type: "button",
        class: "face",
        "data-person": person.id,
        title: who,
        "aria-label": person.isYou ? who : `${who}. ${t("Go to their place in the text")}`,
        "aria-pressed": person.isYou ? null : String(person.id === followed),
      },
      person.initials,
    );
    dress(button, person, doing);
    if (!person.isYou) button.addEventListener("click", () => pick(person.id, person.name));
    return button;
  };

  const rest = (more: number, hidden: number): HTMLElement =>
    hidden > 0
      ? h(
          "button",
          {
            type: "button",
            class: "face face-more",
            popovertarget: list.id,
            "data-testid": "more-people",
            "aria-label": tn("Show {n} more person", "Show {n} more people", more),
          },
          `+${more}`,
        )
      : // Of these the page knows no more than how many they are.
        h(
          "span",
          { class: "face face-more", role: "img", "aria-label": tn("{n} more person", "{n} more people", more) },
          `+${more}`,
        );

  phone.addEventListener("change", draw);

  return {
    show(next, beside) {
      participants = next;
      unlisted = beside;
      draw();
    },
    look: draw,
    follow(person) {
      followed = person;
      draw();
    },
  };
}

/** Colours, and what a person does, on `element`, which has the initials. */
export function dress(element: HTMLElement, person: PersonHere, doing: Activity): void {
  const color = participantColor(person.color);
  element.style.setProperty("--person", color);
  element.style.setProperty("--person-ink", inkOn(color));
  element.classList.toggle("is-you", person.isYou);
  if (person.isViewer) element.append(h("span", { class: "face-mark" }, icon("eye")));
  else if (!person.isYou) {
    element.classList.toggle("is-idle", doing === "idle");
    element.classList.toggle("is-away", doing === "away");
    if (doing === "writing") element.append(h("span", { class: "face-mark" }, icon("dots")));
  }
}

function buttonsOf(row: HTMLElement): HTMLElement[] {
  return [...row.querySelectorAll("button")];
}

function nameOf(button: HTMLElement): string {
  return button.dataset.person ?? "more";
}

function focusedIn(row: HTMLElement): string | null {
  const focused = document.activeElement;
  return focused instanceof HTMLElement && row.contains(focused) ? nameOf(focused) : null;
}
