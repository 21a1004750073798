// What live events make of what was read.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applyToOpened,
  applyToPages,
  applyToQueue,
  applyToTyping,
  applyToUnread,
  mergeMessages,
} from "../src/live/apply.ts";
import { readMeanwhile, tell } from "../src/live/events.ts";

const at = (second) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
const summary = (id, owner, second, more = {}) => ({
  conversation: { id, owner, updated_at: at(second), agent: null, customer: null, ...more },
  last: null,
  handoff: null,
});
const message = (seq, more = {}) => ({ id: `m${seq}`, seq, author: "customer", delivery: null, text: "", ...more });
const changed = (told, messages = []) => ({ type: "changed", summary: told, messages });
const ids = (items) => items.map((item) => item.conversation.id);

test("whoever begins to wait joins the queue, and whoever goes back to the bot leaves it", () => {
  const queue = { items: [summary("ana", "queue", 1)], now: at(1) };
  const joined = applyToQueue(queue, changed(summary("ben", "queue", 2)));
  assert.deepEqual(ids(joined.items), ["ana", "ben"]);
  const left = applyToQueue(joined, changed(summary("ana", "bot", 3)));
  assert.deepEqual(ids(left.items), ["ben"]);
  assert.deepEqual(ids(queue.items), ["ana"], "what was there is not changed");
});

test("what is older than what is known changes nothing", () => {
  const queue = { items: [summary("ana", "agent", 5)], now: at(5) };
  assert.equal(applyToQueue(queue, changed(summary("ana", "queue", 4))), queue);
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
  const list = {
    pages: [
      { items: [summary("ana", "bot", 9)], next: at(9) },
      { items: [summary("ben", "bot", 5)], next: null },
    ],
    pageParams: [null, at(9)],
  };
  const after = applyToPages(list, changed(summary("ben", "bot", 10)), ["bot"]);
  assert.deepEqual(
    after.pages.map((page) => ids(page.items)),
    [["ben", "ana"], []],
  );
  const gone = applyToPages(after, changed(summary("ana", "queue", 11)), ["bot"]);
  assert.deepEqual(
    gone.pages.map((page) => ids(page.items)),
    [["ben"], []],
  );
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

test("what a customer says is unread unless one looks at it, and ends their typing", () => {
  const said = changed(summary("ana", "agent", 1), [message(1)]);
  assert.deepEqual(applyToUnread({}, said, undefined), { ana: true });
  assert.deepEqual(applyToUnread({}, said, "ana"), {});
  assert.deepEqual(applyToUnread({}, changed(summary("ana", "agent", 1), [message(1, { author: "bot" })])), {});
  const typing = applyToTyping({}, { type: "typing", conversation: "ana", author: "customer" }, 7);
  assert.deepEqual(typing, { ana: 7 });
  assert.deepEqual(applyToTyping(typing, said, 8), {});
});

test("what is told while something is read is applied to what was read", async () => {
  let answer;
  const reading = readMeanwhile(() => new Promise((resolve) => (answer = resolve)), applyToQueue);
  tell(changed(summary("ana", "agent", 4)));
  tell(changed(summary("ben", "queue", 5)));
  answer({ items: [summary("ana", "queue", 3)], now: at(3) });
  const { items } = await reading;
  assert.deepEqual(
    items.map((item) => [item.conversation.id, item.conversation.owner]),
    [
      ["ana", "agent"],
      ["ben", "queue"],
    ],
  );
});
