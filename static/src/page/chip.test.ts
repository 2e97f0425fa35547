import { describe, expect, test } from "vitest";
import type { ConnectionState, RefusalCode, Role, Status, Words } from "../sync/types.ts";
import { chipFor, type ChipState } from "./chip.ts";

const NOW = 1_000_000;

function status(changes: Partial<Status> = {}): Status {
  return { connection: { kind: "online" }, words: "saved", synced: true, role: "editor", refusal: null, reason: null, pause: null, ...changes };
}

const waiting: ConnectionState = { kind: "waiting", retryAt: NOW + 3_200 };

describe("the chip of a page that cannot show what the document holds", () => {
  test.each<[string, Partial<Status>, ChipState, string]>([
    ["all saved", {}, "error", "Cannot be shown"],
    ["offline", { connection: { kind: "offline" }, words: "device" }, "error", "Cannot be shown"],
    ["for a viewer", { role: "viewer" }, "error", "Cannot be shown"],
    ["taken away is what counts more", { refusal: "not_found", role: null }, "removed", "Your access ended"],
    ["signed out, too", { refusal: "signed_out" }, "signedout", "Sign in again to go on"],
  ])("%s", (_name, changes, state, text) => {
    const chip = chipFor(status(changes), NOW, true);
    expect(chip.state).toBe(state);
    expect(chip.text).toBe(text);
  });

  test("says what became of the words, and what to do", () => {
    expect(chipFor(status(), NOW, true).detail).toMatch(/saved is still there\. Reload the page\./);
    expect(chipFor(status({ words: "device" }), NOW, true).detail).toContain("your last words are on this device");
    expect(chipFor(status(), NOW, true).action).toBe("reload");
  });
});

describe("the chip", () => {
  test.each<[string, Partial<Status>, ChipState, string]>([
    ["first opening", { synced: false, role: null, connection: { kind: "connecting" } }, "opening", "Opening…"],
    ["connected, content not here yet", { synced: false, role: null }, "opening", "Opening…"],
    ["everything kept", {}, "saved", "Saved"],
    ["words on their way", { words: "sent" }, "sending", "Sending…"],
    ["words about to go", { words: "device" }, "sending", "Sending…"],
    ["connection lost with words", { words: "device", connection: { kind: "connecting" } }, "device", "On this device, reconnecting…"],
    ["connection lost without words", { connection: { kind: "connecting" } }, "waiting", "Reconnecting…"],
    ["no network", { words: "device", connection: { kind: "offline" } }, "offline", "On this device, offline"],
    ["no network, viewer", { role: "viewer", connection: { kind: "offline" } }, "offline", "Offline"],
    ["no network, nothing opened", { synced: false, role: null, connection: { kind: "offline" } }, "offline", "Offline"],
    ["waiting for the next attempt", { connection: waiting }, "waiting", "Reconnecting in 4 s"],
    ["the attempt is due", { connection: { kind: "waiting", retryAt: NOW - 5 } }, "waiting", "Reconnecting now"],
    ["too many tabs", { connection: { ...waiting, reason: "tabs" } }, "waiting", "Too many tabs are open"],
    ["too many people, before it was open", { pause: "crowd", role: null, synced: false }, "waiting", "Too many people are here"],
    ["asked to slow down", { pause: "slow_down", words: "device" }, "sending", "Sending in a moment…"],
    ["the server is busy", { pause: "busy", words: "device" }, "sending", "Sending in a moment…"],
    ["asked to wait with nothing to send", { pause: "busy" }, "saved", "Saved"],
    ["viewer", { role: "viewer" }, "viewonly", "View only"],
    ["commenter", { role: "commenter" }, "viewonly", "View only"],
    ["role made smaller", { refusal: "forbidden", role: "viewer" }, "viewonly", "View only"],
    [
      "removed",
      { refusal: "not_found", role: null, reason: "removed" },
      "removed",
      "Access removed by the owner",
    ],
    ["removed, with another code", { refusal: "forbidden", role: null }, "removed", "Your access ended"],
    [
      "the link ended",
      { refusal: "not_found", role: null, reason: "link_ended" },
      "removed",
      "The link that you came by has ended",
    ],
    ["an unknown reason", { refusal: "not_found", role: null, reason: "later" }, "removed", "Your access ended"],
    ["never there", { refusal: "not_found", role: null, synced: false }, "removed", "Not available"],
    ["signed out with words", { refusal: "signed_out", words: "device" }, "signedout", "Sign in again to keep saving"],
    ["signed out, all saved", { connection: { kind: "stopped", code: "signed_out" } }, "signedout", "Sign in again to go on"],
    ["fault", { refusal: "internal", words: "device" }, "error", "Not saved"],
    ["damaged, while it was open", { refusal: "quarantined", role: null }, "error", "Cannot be opened"],
    ["damaged, before it was open", { refusal: "quarantined", role: null, synced: false }, "error", "Cannot be opened"],
    ["stopped by a fault", { connection: { kind: "stopped", code: "bad_frame" } }, "error", "Not saved"],
  ])("%s", (_name, changes, state, text) => {
    const chip = chipFor(status(changes), NOW);
    expect(chip.state).toBe(state);
    expect(chip.text).toBe(text);
  });

  test("offers to try now while it waits, and only then counts", () => {
    expect(chipFor(status({ connection: waiting }), NOW).action).toBe("retry");
    expect(chipFor(status({ connection: waiting }), NOW + 2_000).text).toBe("Reconnecting in 2 s");
    expect(chipFor(status(), NOW).action).toBeNull();
  });

  test("offers to sign in when signed out, and the room when removed", () => {
    expect(chipFor(status({ refusal: "signed_out" }), NOW).action).toBe("sign-in");
    expect(chipFor(status({ refusal: "not_found", role: null }), NOW).action).toBe("room");
  });

  test("an error says what became of the words", () => {
    const codes: RefusalCode[] = [
      "too_large", "bad_frame", "gap", "stale_epoch", "quarantined", "internal", "busy", "slow_down",
    ];
    for (const refusal of codes) expect(chipFor(status({ refusal }), NOW).detail.length, refusal).toBeGreaterThan(40);
  });

  test("no code and no jargon is ever shown", () => {
    const tabs: ConnectionState = { ...waiting, reason: "tabs" };
    const connections: ConnectionState[] = [{ kind: "connecting" }, { kind: "online" }, { kind: "offline" }, waiting, tabs];
    const roles: (Role | null)[] = ["owner", "editor", "commenter", "viewer", null];
    const codes: (RefusalCode | null)[] = [null, "signed_out", "not_found", "forbidden", "too_large", "gap", "quarantined", "internal"];
    for (const connection of connections)
      for (const role of roles)
        for (const refusal of codes)
          for (const pause of [null, "slow_down", "busy", "internal", "crowd", "something new"])
            for (const words of ["device", "sent", "saved"] satisfies Words[])
              for (const synced of [true, false]) {
                const { text, detail } = chipFor({ connection, role, refusal, reason: null, pause, words, synced }, NOW);
                expect(text).not.toBe("");
                expect(`${text} ${detail}`).not.toMatch(/socket|sync|instance|_|undefined|null/i);
              }
  });

  test("each state has a shape of its own", () => {
    const chips = [
      status({ synced: false, role: null }),
      status(),
      status({ words: "sent" }),
      status({ words: "device", connection: { kind: "connecting" } }),
      status({ connection: { kind: "offline" } }),
      status({ connection: waiting }),
      status({ role: "viewer" }),
      status({ refusal: "not_found", role: null }),
      status({ refusal: "signed_out" }),
      status({ refusal: "internal" }),
    ].map((one) => chipFor(one, NOW));
    expect(new Set(chips.map(({ state }) => state)).size).toBe(10);
    expect(new Set(chips.map(({ shape }) => shape)).size).toBe(10);
  });
});
