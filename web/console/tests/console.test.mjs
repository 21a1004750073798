// The parts of the console that need no page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readProblem } from "../src/api/errors.ts";
import { negotiate, regionOf } from "../src/i18n/locales.ts";
import { matching } from "../src/inbox/canned.ts";
import {
  belongs,
  compare,
  distinct,
  filtersOf,
  joined,
  listedBy,
  neighbour,
  parseInboxSearch,
} from "../src/inbox/lists.ts";
import { called, completed, parts } from "../src/inbox/mentions.ts";
import { pieces } from "../src/inbox/snippet.ts";
import { keyOf } from "../src/keys/shortcuts.ts";

const summary = (id, second, more = {}) => ({
  conversation: {
    id,
    owner: "queue",
    agent: null,
    updated_at: `2026-01-01T12:00:0${second}Z`,
    waiting_since: `2026-01-01T12:00:0${second}Z`,
    snoozed: null,
    urgent: false,
    ...more,
  },
  tags: [],
});
const ids = (items) => items.map((item) => item.conversation.id);

test("of those who wait the urgent come first and then the longest waiting, and last what was put off", () => {
  const many = [
    summary("snoozed", 1, { snoozed: { by: "kim", until: null } }),
    summary("idle", 2, { waiting_since: null }),
    summary("late", 3),
    summary("early", 1),
    summary("urgent", 4, { urgent: true }),
  ];
  const sorted = (sort) => ids(many.toSorted((a, b) => compare(a, b, sort)));
  assert.deepEqual(sorted("waiting"), ["urgent", "early", "late", "idle", "snoozed"]);
  assert.deepEqual(sorted("latest"), ["urgent", "late", "idle", "snoozed", "early"]);
  assert.deepEqual(
    distinct([summary("ana", 1), summary("ana", 2)]).map((s) => s.conversation.updated_at),
    ["2026-01-01T12:00:02Z"],
  );
});

test("only what an agent has is theirs, and it waits for the customer once it was answered", () => {
  const agent = { id: "kim", name: "Kim" };
  const theirs = summary("ana", 1, { owner: "agent", agent });
  const of = (view, me = "kim") => listedBy({ view }, me);
  assert.equal(belongs(theirs, of("mine")), true);
  assert.equal(belongs(theirs, of("mine", "lee")), false);
  assert.equal(belongs(theirs, of("unassigned")), false);
  assert.equal(belongs(theirs, of("waiting_for_customer")), false);
  const answered = summary("ana", 1, { owner: "agent", agent, waiting_since: null });
  assert.equal(belongs(answered, of("waiting_for_customer")), true);
  assert.equal(belongs(summary("ana", 1, { snoozed: { by: "kim", until: null } }), of("unassigned")), false);
});

test("the neighbour of the first is the second, of the last itself, and of none the first", () => {
  const items = [summary("a", 1), summary("b", 2)];
  const next = (...given) => neighbour(...given)?.conversation.id;
  assert.equal(next(items, "a", 1), "b");
  assert.equal(next(items, "b", 1), "b");
  assert.equal(next(items, undefined, 1), "a");
  assert.equal(next(items, "gone", -1), "a");
  assert.equal(next([], "a", 1), undefined);
});

test("an address that says nonsense of the list is the inbox as it is", () => {
  const search = { view: "mine", sort: "latest", language: "de,en", q: 12345, at: 3 };
  assert.deepEqual(parseInboxSearch(search), { ...search, q: "12345" });
  assert.deepEqual(parseInboxSearch({ view: "theirs", sort: "x", language: ["de"], at: "end", x: 1 }), {});
  assert.deepEqual(listedBy({}, "kim"), { view: "unassigned", sort: "waiting", filters: {}, me: "kim" });
  assert.equal(listedBy({ view: "closed" }, "kim").sort, "latest");
  assert.deepEqual(filtersOf({ language: "de,en", tag: "," }), { language: ["de", "en"] });
  assert.deepEqual(joined({ language: ["de", "en"], tag: [] }), { language: "de,en" });
});

test("what was found is marked where it stands, whatever stands before it", () => {
  assert.deepEqual(
    pieces({
      text: "😀 my order, my order",
      marks: [
        [5, 10],
        [15, 20],
      ],
    }).map(({ text, marked }) => [text, marked]),
    [
      ["😀 my ", false],
      ["order", true],
      [", my ", false],
      ["order", true],
    ],
  );
  assert.deepEqual(pieces({ text: "plain", marks: [] }), [{ text: "plain", marked: false, start: 0 }]);
});

test("an @ calls a colleague, and one in an address does not", () => {
  assert.equal(called("please, @le"), "le");
  assert.equal(called("@"), "");
  assert.equal(called("write to lee@shop"), undefined);
  assert.equal(called("@lee has it"), undefined);
  assert.deepEqual(completed("ask @le  today", 7, "lee"), ["ask @lee today", 9]);
  assert.deepEqual(parts("ask @lee, not a@b.c"), ["ask ", "@lee", ", not a@b.c"]);
});

test("canned replies are found by every word, those first whose shortcut begins so", () => {
  const reply = (shortcut, text) => ({ id: shortcut, shortcut, texts: { en: text } });
  const replies = [reply("bye", "Thank you and goodbye"), reply("refund", "We refund it"), reply("thanks", "Gladly")];
  const found = (wanted) => matching(replies, wanted).map((one) => one.shortcut);
  assert.deepEqual(found("than"), ["thanks", "bye"]);
  assert.deepEqual(found("THANK goodbye"), ["bye"]);
  assert.deepEqual(found(""), ["bye", "refund", "thanks"]);
  assert.deepEqual(found("x"), []);
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
