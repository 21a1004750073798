// What the console reckons about customers as people, and about the notes that call one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { calledBy, lastHeard, together } from "../src/inbox/customers.ts";
import { applyToMentions } from "../src/live/apply.ts";

const said = (value) => ({ kind: "string", value });

test("who has no name is told from others by the channel and the beginning of their id", () => {
  assert.equal(calledBy({ id: "3f9a2c77", name: "Ana" }, "Telegram"), "Ana");
  assert.equal(calledBy({ id: "3f9a2c77", name: null }, "Telegram"), "Telegram · 3f9a2c");
  assert.equal(calledBy({ id: "3f9a2c77", name: null }, undefined), "3f9a2c");
});

test("of the one that is kept all prevails, and what the other's loses by it is told", () => {
  const kept = { name: null, identities: [{ id: "1" }], attributes: { tier: said("gold"), city: said("Bonn") } };
  const other = {
    name: "Ana",
    identities: [{ id: "2" }],
    attributes: { tier: said("tin"), city: said("Bonn"), born: { kind: "date", value: "1990-02-28" } },
  };
  const sum = together(kept, other);
  assert.equal(sum.name, "Ana");
  assert.deepEqual(
    sum.identities.map(({ id }) => id),
    ["1", "2"],
  );
  assert.deepEqual(
    sum.attributes.map(({ name, value, lost }) => [name, value.value, lost?.value]),
    [
      ["born", "1990-02-28", undefined],
      ["city", "Bonn", undefined],
      ["tier", "gold", "tin"],
    ],
  );
  assert.equal(together({ ...kept, name: "Zoë" }, other).name, "Zoë");
});

test("what the customer said last is unread again, and notes and answers are not theirs", () => {
  const entry = (seq, author, internal = false) => ({ seq, author, internal });
  assert.equal(lastHeard([entry(1, "customer"), entry(2, "bot"), entry(3, "agent", true)]), 1);
  assert.equal(lastHeard([entry(1, "bot")]), undefined);
});

test("a note that calls one is counted once, and seen with its conversation or with all", () => {
  const mention = (conversation, seq, seen = false) => ({ conversation, seq, seen });
  const before = { items: [mention("a", 3), mention("b", 1), mention("b", 9, true)], unseen: 60 };
  const told = applyToMentions(before, { type: "mentioned", mention: mention("a", 4) });
  assert.deepEqual([told.items[0].seq, told.unseen], [4, 61]);
  assert.equal(applyToMentions(told, { type: "mentioned", mention: mention("a", 4) }), told);
  const seen = applyToMentions(told, { type: "mentions_seen", conversation: "a" });
  assert.deepEqual([seen.items.map((one) => one.seen), seen.unseen], [[true, true, false, true], 59]);
  const all = applyToMentions(told, { type: "mentions_seen", conversation: null });
  assert.deepEqual([all.items.every((one) => one.seen), all.unseen], [true, 0]);
});
