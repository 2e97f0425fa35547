/**
 * What people read, in the language of the page. The source is English. A page in another language carries a catalog
 * (rooms/web/languages.py); a text that is missing there stays English.
 *
 * `make messages` finds the texts: the first arguments of `t` and `tn` are literals, with `{name}` where a value goes.
 */

export type Values = Readonly<Record<string, string | number>>;

export interface Catalog {
  /** A text for each text, and its forms for each that depends on a number. */
  readonly words: Readonly<Record<string, string | readonly string[]>>;
  /** At the place of a number: which form it takes. Of 200 and more, the last two digits count. */
  readonly plural: string;
}

export interface Words {
  /** `t("{name} is writing", { name })` */
  t(text: string, values?: Values): string;
  /** `tn("{n} person here", "{n} people here", n)`. `n` is a whole number; values may hold another form of it. */
  tn(one: string, many: string, n: number, values?: Values): string;
}

const PLACE = /\{(\w+)\}/g;
const COUNTED = 200;

export function wordsOf(catalog: Catalog | null): Words {
  const find = (text: string): string | readonly string[] | undefined =>
    catalog !== null && Object.hasOwn(catalog.words, text) ? catalog.words[text] : undefined;

  const form = (n: number): number => {
    const place = n < COUNTED ? n : 100 + (n % 100);
    return Number(catalog?.plural[place] ?? 0);
  };

  return {
    t(text, values = {}) {
      const found = find(text);
      return fill(typeof found === "string" && found !== "" ? found : text, values);
    },
    tn(one, many, n, values = {}) {
      const forms = find(one);
      const found = Array.isArray(forms) ? (forms[form(Math.abs(n))] as string | undefined) : undefined;
      return fill(found || (n === 1 ? one : many), { n, ...values });
    },
  };
}

/** Values are put in once: what looks like a place within a value is that person's text. */
function fill(text: string, values: Values): string {
  return text.replace(PLACE, (place, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : place));
}

function ofPage(): Catalog | null {
  // Tests and the clients of `make storm` have no page.
  const text = typeof document === "undefined" ? null : document.getElementById("collab-words")?.textContent;
  return text ? (JSON.parse(text) as Catalog) : null;
}

export const { t, tn } = wordsOf(ofPage());

/** For `Intl`: the language of the page, as `<html lang>` has it. */
export const language = (): string => (typeof document === "undefined" ? "" : document.documentElement.lang) || "en";
