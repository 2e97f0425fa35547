/** What the server knows about people of the room and documents of this person. */

export interface FoundPerson {
  readonly id: string;
  readonly name: string;
  /** `#rrggbb`. */
  readonly color: string;
}

export interface FoundDocument {
  readonly key: string;
  readonly title: string;
  /** The name of its room, for those who are in it. */
  readonly room: string | null;
}

export interface Server {
  people(query: string): Promise<readonly FoundPerson[]>;
  documents(query: string): Promise<readonly FoundDocument[]>;
  /** Of `keys`, what this person may read, with today's titles. At most 50 at once. */
  titled(keys: readonly string[]): Promise<readonly FoundDocument[]>;
}

/** `document` is the key of the one on this page. */
export function createServer(document: string): Server {
  const base = `/d/${encodeURIComponent(document)}`;
  return {
    people: async (query) => (await ask<{ people: FoundPerson[] }>(`${base}/people`, [["q", query]]))?.people ?? [],
    documents: async (query) => (await ask<Documents>(`${base}/documents`, [["q", query]]))?.documents ?? [],
    titled: async (keys) =>
      (await ask<Documents>(`${base}/documents`, keys.map((key) => ["key", key] as const)))?.documents ?? [],
  };
}

interface Documents {
  readonly documents: FoundDocument[];
}

type Parameter = readonly [name: string, value: string];

/** Null without a network, signed out, or when the document is not this person's any more: nothing is offered then. */
async function ask<Answer>(address: string, parameters: readonly Parameter[]): Promise<Answer | null> {
  const query = new URLSearchParams(parameters.map(([name, value]) => [name, value]));
  try {
    const answer = await fetch(`${address}?${query}`, { headers: { Accept: "application/json" } });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json") === true;
    return answer.ok && isJson ? ((await answer.json()) as Answer) : null;
  } catch {
    return null;
  }
}
