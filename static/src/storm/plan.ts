/** What the driver is told on its first line: who connects where, and how they behave. */

export type Policy = "default" | "tuned";

export interface Plan {
  /** Of the server or its load balancer, with http. */
  readonly url: string;
  readonly policy: Policy;
  /** The value of a session cookie for each client. */
  readonly sessions: readonly string[];
  /** Keys; client n opens document n modulo their number. */
  readonly documents: readonly string[];
  /** The first so many clients write. */
  readonly writers: number;
  /** Milliseconds between two words of one writer, on average. */
  readonly writeEveryMs: number;
  /** How many clients begin to connect in a second, so that arriving is no storm of its own. */
  readonly arrivalsPerSecond: number;
  /** How long the end may take: everybody back, everything acknowledged, all copies equal. */
  readonly settleMs: number;
  readonly seed: number;
}

/** Raises TypeError that names the first field which is not what it should be. */
export function readPlan(line: string): Plan {
  const fields = JSON.parse(line) as Record<string, unknown>;
  const words = (name: string): string[] => {
    const value = fields[name];
    if (!Array.isArray(value) || value.length === 0 || !value.every((one) => typeof one === "string" && one !== "")) {
      throw new TypeError(`the plan's ${name} is a list of words`);
    }
    return value as string[];
  };
  const number = (name: string, least: number): number => {
    const value = fields[name];
    if (typeof value !== "number" || !(value >= least)) throw new TypeError(`the plan's ${name} is at least ${least}`);
    return value;
  };
  const { url, policy } = fields;
  if (typeof url !== "string" || !isLoopback(url)) throw new TypeError("the plan's url is an address of this machine");
  if (policy !== "default" && policy !== "tuned") throw new TypeError("the plan's policy is default or tuned");
  const sessions = words("sessions");
  return {
    url,
    policy,
    sessions,
    documents: words("documents"),
    writers: Math.min(number("writers", 0), sessions.length),
    writeEveryMs: number("write_every_ms", 1),
    arrivalsPerSecond: number("arrivals_per_second", 1),
    settleMs: number("settle_ms", 0),
    seed: number("seed", 0),
  };
}

/** A storm is for a server of one's own: no other machine is ever sent to. */
export function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && (hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname));
}
