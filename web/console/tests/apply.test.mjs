// What live events make of what was read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { applyToOpened, applyToPages, applyToTyping, mergeMessages } from "../src/live/apply.ts";
import { readMeanwhile, tell } from "../src/live/events.ts";

const at = (second) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
const summary = (id, owner, second, more = {}) => ({
  conversation: {
    id,
    owner,
    updated_at: at(second),
    waiting_since: owner === "queue" ? at(second) : null,
    snoozed: null,
    urgent: false,
    agent: null,
    customer: null,
    channel: "webchat",
    language: "en",
    intent: null,
    sentiment: null,
    seq: 0,
    ...more,
  },
  last: null,
  handoff: null,
});
const item = (id, owner, second, more = {}, marks = {}) => ({
  ...summary(id, owner, second, more),
  read: 0,
  unread: 0,
  tags: [],
  ...marks,
});
const list = (...pages) => ({
  pages: pages.map((items, index) => ({
    items,
    next: index < pages.length - 1 ? "more" : null,
    counts: {},
    now: at(0),
  })),
  pageParams: [],
});
const unassigned = { view: "unassigned", sort: "waiting", filters: {}, me: "kim" };
const all = { view: "all", sort: "latest", filters: {}, me: "kim" };
const shown = (given) => given.pages.map((page) => ids(page.items));
const message = (seq, more = {}) => ({ id: `m${seq}`, seq, author: "customer", delivery: null, text: "", ...more });
const changed = (told, messages = []) => ({ type: "changed", summary: told, messages });
const ids = (items) => items.map((item) => item.conversation.id);

test("whoever begins to wait joins those who wait in their order, and whoever goes back to the bot leaves them", () => {
  const queue = list([item("ana", "queue", 1), item("cem", "queue", 3)]);
  const joined = applyToPages(queue, changed(summary("ben", "queue", 2)), unassigned);
  assert.deepEqual(shown(joined), [["ana", "ben", "cem"]]);
  const urgent = applyToPages(joined, changed(summary("dee", "queue", 4, { urgent: true })), unassigned);
  assert.deepEqual(shown(urgent), [["dee", "ana", "ben", "cem"]]);
  const left = applyToPages(urgent, changed(summary("ana", "bot", 5)), unassigned);
  assert.deepEqual(shown(left), [["dee", "ben", "cem"]]);
  assert.deepEqual(shown(queue), [["ana", "cem"]], "what was there is not changed");
});

test("what is older than what is known changes nothing", () => {
  const mine = { ...unassigned, view: "mine" };
  const queue = list([item("ana", "agent", 5, { agent: { id: "kim", name: "Kim" } })]);
  assert.equal(applyToPages(queue, changed(summary("ana", "queue", 4)), mine), queue);
  const opened = { ...summary("ana", "agent", 5), messages: [message(1)], customer: null };
  const after = applyToOpened(opened, changed(summary("ana", "queue", 4), [message(2)]));
  assert.equal(after.conversation.owner, "agent");
  assert.deepEqual(
    after.messages.map((m) => m.seq),
    [1, 2],
    "but nothing that was said is lost",
  );
});

test("in a list that is read by pages, what changed comes first, once", () => {
  const pages = list([item("ana", "bot", 9)], [item("ben", "bot", 5)]);
  assert.deepEqual(shown(applyToPages(pages, changed(summary("ben", "bot", 10)), all)), [["ben", "ana"], []]);
});

test("what belongs after everything that was read comes with the page that is read next", () => {
  const begun = { pages: [{ ...list([item("ana", "queue", 1)]).pages[0], next: "more" }], pageParams: [null] };
  assert.deepEqual(shown(applyToPages(begun, changed(summary("ben", "queue", 2)), unassigned)), [["ana"]]);
  const whole = list([item("ana", "queue", 1)]);
  assert.deepEqual(shown(applyToPages(whole, changed(summary("ben", "queue", 2)), unassigned)), [["ana", "ben"]]);
});

test("a list is of what its filters ask for, and a tag that is put on brings a conversation into it", () => {
  const german = { ...all, filters: { language: ["de"], sentiment: ["negative", "neutral"] } };
  const angry = summary("ana", "bot", 2, { language: "de", sentiment: "negative" });
  assert.deepEqual(shown(applyToPages(list([]), changed(angry), german)), [["ana"]]);
  for (const other of [{ language: "en" }, { sentiment: "positive" }, { sentiment: null }]) {
    const one = summary("ana", "bot", 2, { language: "de", sentiment: "negative", ...other });
    assert.deepEqual(shown(applyToPages(list([]), changed(one), german)), [[]]);
  }
  const vip = { ...all, filters: { tag: ["vip"] } };
  const tagged = { type: "tagged", conversation: "ana", tags: ["late", "vip"] };
  const known = item("ana", "bot", 2);
  assert.deepEqual(shown(applyToPages(list([]), tagged, vip, known)), [["ana"]]);
  const tag = applyToPages(list([known]), tagged, all).pages[0].items[0];
  assert.deepEqual(tag.tags, ["late", "vip"]);
});

test("what a customer says is unread until it is read, and what was said before counts once", () => {
  const before = list([item("ana", "bot", 1, { seq: 2 }, { read: 1, unread: 1 })]);
  const said = changed(summary("ana", "bot", 2, { seq: 4 }), [
    message(2, { text: "edited" }),
    message(3),
    message(4, { author: "bot" }),
  ]);
  const [heard] = applyToPages(before, said, all).pages[0].items;
  assert.deepEqual([heard.unread, heard.read], [2, 1]);
  const read = applyToPages(list([heard]), { type: "read", conversation: "ana", seq: 4 }, all);
  assert.deepEqual([read.pages[0].items[0].unread, read.pages[0].items[0].read], [0, 4]);
  const partly = applyToPages(list([heard]), { type: "read", conversation: "ana", seq: 2 }, all);
  assert.equal(partly.pages[0].items[0].unread, 2, "how many are left only the server knows");
});

test("messages are in order and once, and an edit keeps what is known of the delivery", () => {
  const sent = { state: "sent", attempts: 1, error: null };
  const merged = mergeMessages(
    [message(1), message(2, { delivery: sent, text: "a" })],
    [message(3), message(2, { text: "b" })],
  );
  assert.deepEqual(
    merged.map((m) => [m.seq, m.text, m.delivery]),
    [
      [1, "", null],
      [2, "b", sent],
      [3, "", null],
    ],
  );
});

test("a delivery is told at its message", () => {
  const opened = { ...summary("ana", "agent", 5), messages: [message(1), message(2)], customer: null };
  const dead = { state: "dead", attempts: 8, error: "gone" };
  const after = applyToOpened(opened, { type: "delivered", conversation: "ana", message: "m2", delivery: dead });
  assert.deepEqual(
    after.messages.map((m) => m.delivery),
    [null, dead],
  );
  const other = { type: "delivered", conversation: "ben", message: "m2", delivery: dead };
  assert.equal(applyToOpened(opened, other), opened);
});

test("who was seen typing types until they have said it", () => {
  const typing = applyToTyping({}, { type: "typing", conversation: "ana", author: "customer" }, 7);
  assert.deepEqual(typing, { ana: 7 });
  assert.deepEqual(applyToTyping(typing, changed(summary("ana", "agent", 1), [message(1)]), 8), {});
});

test("what is told while something is read is applied to what was read", async () => {
  let answer;
  const apply = (given, event) => applyToPages(given, event, all);
  const reading = readMeanwhile(() => new Promise((resolve) => (answer = resolve)), apply);
  tell(changed(summary("ana", "agent", 4)));
  tell(changed(summary("ben", "queue", 5)));
  answer(list([item("ana", "queue", 3)]));
  const { items } = (await reading).pages[0];
  assert.deepEqual(
    items.map((one) => [one.conversation.id, one.conversation.owner]),
    [
      ["ben", "queue"],
      ["ana", "agent"],
    ],
  );
});
