// What the console reckons about agents, clocks and the audit log.
import assert from "node:assert/strict";
import { test } from "node:test";
import { differences, NO_FILTERS, queryOf } from "../src/audit/filters.ts";
import { browserName } from "../src/browsers/browser.ts";
import { belongs } from "../src/inbox/lists.ts";
import { running } from "../src/inbox/sla.ts";
import { untilOf } from "../src/inbox/snooze.ts";
import { parseLinkSearch } from "../src/link/search.ts";
import { applyToAgents } from "../src/live/apply.ts";
import { atLeast } from "../src/shared/roles.ts";

const at = (minute) => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
const clock = (warn, due) => ({ state: "due", warn_at: at(warn), due_at: at(due) });

test("a clock ages from due to warning to breached, and one that was stopped is not shown", () => {
  const handoff = {
    state: "waiting",
    answered_at: null,
    sla: { first_answer: clock(5, 10), resolution: clock(40, 60) },
  };
  const states = (minute, of = handoff) => running(of, Date.parse(at(minute))).map(({ kind, state }) => [kind, state]);
  assert.deepEqual(states(4), [
    ["first_answer", "due"],
    ["resolution", "due"],
  ]);
  assert.deepEqual(states(5)[0], ["first_answer", "warning"]);
  assert.deepEqual(states(10)[0], ["first_answer", "breached"]);
  assert.deepEqual(states(45, { ...handoff, state: "claimed", answered_at: at(3) }), [["resolution", "warning"]]);
  assert.deepEqual(states(45, { ...handoff, state: "done" }), []);
  assert.deepEqual(states(4, { ...handoff, sla: { first_answer: null, resolution: null } }), []);
});

test("tomorrow and Monday begin at nine, and Monday is never today", () => {
  const friday = new Date(2026, 0, 2, 16, 30);
  assert.deepEqual(untilOf("hour", friday), new Date(2026, 0, 2, 17, 30));
  assert.deepEqual(untilOf("tomorrow", friday), new Date(2026, 0, 3, 9));
  assert.deepEqual(untilOf("week", friday), new Date(2026, 0, 5, 9));
  assert.deepEqual(untilOf("week", new Date(2026, 0, 5, 8)), new Date(2026, 0, 12, 9));
  assert.deepEqual(untilOf("week", new Date(2026, 0, 4, 8)), new Date(2026, 0, 5, 9));
});

test("the agent who came or went is shown so, and nobody else", () => {
  const agent = (id) => ({ id, room: 2, presence: { state: "online", chosen: "online", since: at(0) } });
  const agents = { items: [agent("kim"), agent("lee")] };
  const after = applyToAgents(agents, { type: "presence", agent: "lee", state: "away", since: at(7) });
  assert.deepEqual(
    after.items.map(({ presence }) => presence.state),
    ["online", "away"],
  );
  assert.equal(after.items[1].room, 2);
  assert.equal(applyToAgents(agents, { type: "reload" }), agents);
});

test("what is put off leaves those who wait and comes back", () => {
  const conversation = { id: "ana", owner: "queue", snoozed: null, intent: null, sentiment: null };
  const waits = (more) =>
    belongs({ conversation: { ...conversation, ...more }, tags: [] }, { view: "unassigned", filters: {}, me: "kim" });
  assert.equal(waits({}), true);
  assert.equal(waits({ snoozed: { by: "kim", until: null } }), false);
});

test("each role may do what the ones before it may", () => {
  assert.equal(atLeast({ role: "viewer" }, "agent"), false);
  assert.equal(atLeast({ role: "supervisor" }, "agent"), true);
  assert.equal(atLeast({ role: "supervisor" }, "admin"), false);
  assert.equal(atLeast({ role: "admin" }, "admin"), true);
});

test("days are asked for from their first moment to the first of the day after the last", () => {
  assert.deepEqual(queryOf(NO_FILTERS), {});
  assert.deepEqual(queryOf({ actor: "kim", action: "user", from: "2026-01-31", to: "2026-01-31" }), {
    actor: "kim",
    action: "user",
    since: new Date(2026, 0, 31).toISOString(),
    until: new Date(2026, 1, 1).toISOString(),
  });
});

test("what changed is told field by field", () => {
  assert.deepEqual(differences({ role: "agent", languages: ["de"] }, { role: "admin", languages: ["de", "en"] }), [
    ["role", "agent", "admin"],
    ["languages", '["de"]', '["de","en"]'],
  ]);
  assert.deepEqual(differences(null, { name: "kim", expires_at: null }), [
    ["name", null, "kim"],
    ["expires_at", null, null],
  ]);
  assert.deepEqual(differences(null, null), []);
});

test("browsers are told apart although they name each other", () => {
  const like = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0";
  assert.equal(browserName(`${like} Safari/537.36`), "Chrome, Windows");
  assert.equal(browserName(`${like} Safari/537.36 Edg/126.0.0.0`), "Edge, Windows");
  const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
  assert.equal(browserName(`${iphone} Version/17.5 Mobile/15E148 Safari/604.1`), "Safari, iOS");
  assert.equal(browserName("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"), "Firefox, Linux");
  assert.equal(browserName("curl/8.5.0"), undefined);
});

test("a code in the address is read as it stands there, also one that looks like a number", () => {
  assert.deepEqual(parseLinkSearch({ code: "a-b_c" }), { code: "a-b_c" });
  assert.deepEqual(parseLinkSearch({ code: 42 }), { code: "42" });
  assert.deepEqual(parseLinkSearch({}), {});
  assert.deepEqual(parseLinkSearch({ code: { a: 1 } }), {});
});
