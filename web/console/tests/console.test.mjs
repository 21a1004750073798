// The parts of the console that need no page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readProblem } from "../src/api/errors.ts";
import { negotiate, regionOf } from "../src/i18n/locales.ts";
import { distinct, inTab, neighbour, ordered, parseInboxSearch } from "../src/inbox/lists.ts";
import { keyOf } from "../src/keys/shortcuts.ts";

const summary = (id, second, urgent = false) => ({
  conversation: { id, owner: "queue", agent: null, updated_at: `2026-01-01T12:00:0${second}Z` },
  last: null,
  handoff: { opened_at: `2026-01-01T12:00:0${second}Z`, urgent },
});
const ids = (items) => items.map((item) => item.conversation.id);

test("of those who wait the urgent come first and then the longest waiting; elsewhere the latest change", () => {
  const all = [summary("late", 3), summary("early", 1), summary("urgent", 4, true)];
  assert.deepEqual(ids(ordered(all, "waiting")), ["urgent", "early", "late"]);
  assert.deepEqual(ids(ordered(all, "all")), ["urgent", "late", "early"]);
  assert.deepEqual(
    distinct([summary("ana", 1), summary("ana", 2)]).map((s) => s.conversation.updated_at),
    ["2026-01-01T12:00:02Z"],
  );
});

test("only what an agent has is theirs", () => {
  const theirs = summary("ana", 1);
  theirs.conversation = { ...theirs.conversation, owner: "agent", agent: { id: "kim", name: "Kim" } };
  assert.equal(inTab(theirs, "mine", { id: "kim" }), true);
  assert.equal(inTab(theirs, "mine", { id: "lee" }), false);
  assert.equal(inTab(theirs, "waiting", { id: "kim" }), false);
});

test("the neighbour of the first is the second, of the last itself, and of none the first", () => {
  const items = [summary("a", 1), summary("b", 2)];
  assert.equal(neighbour(items, "a", 1), "b");
  assert.equal(neighbour(items, "b", 1), "b");
  assert.equal(neighbour(items, undefined, 1), "a");
  assert.equal(neighbour(items, "gone", -1), "a");
  assert.equal(neighbour([], "a", 1), undefined);
});

test("an address that says nonsense of the list is the inbox as it is", () => {
  assert.deepEqual(parseInboxSearch({ tab: "mine" }), { tab: "mine" });
  assert.deepEqual(parseInboxSearch({ tab: "theirs", x: 1 }), {});
});

test("the first language that somebody reads and that there is, with the dates of their region", () => {
  assert.equal(negotiate(["fr-FR", "zh-TW", "en"]), "zh-Hans");
  assert.equal(negotiate(["ar-EG"]), "ar");
  assert.equal(negotiate(["fr"]), "en");
  assert.equal(regionOf("de", ["en-US", "de-CH"]), "de-CH");
  assert.equal(regionOf("es", ["en-US"]), "es");
});

test("an error is read in either form, and from a proxy's page too", () => {
  const response = (status, headers = {}) => new Response(null, { status, statusText: "Oops", headers });
  const problem = {
    type: "about:blank",
    title: "Bad request",
    status: 400,
    detail: "name: is empty",
    code: "invalid",
    field: "name",
  };
  const read = readProblem(response(400), problem);
  assert.deepEqual([read.message, read.code, read.field], ["name: is empty", "invalid", "name"]);
  const older = readProblem(response(429, { "Retry-After": "30" }), { error: { code: "too_many", message: "wait" } });
  assert.deepEqual([older.message, older.code, older.retryAfter], ["wait", "too_many", 30]);
  assert.equal(readProblem(response(502), null).message, "Oops");
  assert.equal(readProblem(response(401), { error: { code: "session_expired" } }).signedOut, true);
});

test("a shortcut is the key in its place on keyboards without Latin letters", () => {
  assert.equal(keyOf({ key: "j", code: "KeyJ" }), "j");
  assert.equal(keyOf({ key: "ت", code: "KeyJ" }), "j");
  assert.equal(keyOf({ key: "о", code: "KeyJ" }), "j");
  assert.equal(keyOf({ key: "n", code: "KeyJ" }), "n", "on another Latin layout what is printed on it");
  assert.equal(keyOf({ key: "?", code: "Slash" }), "?");
});
