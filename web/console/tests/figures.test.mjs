// What the pages with figures and with the review make of their address, their times and their groups.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dayIn, daysOf, parseFiguresSearch, plusDays } from "../src/figures/period.ts";
import { elapsedUnits, largestUnits } from "../src/i18n/formats.ts";
import { after, moved, parseReviewSearch, selected, tallied, without } from "../src/review/groups.ts";

const given = (search) => Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));

test("an address that makes no sense is one that says nothing", () => {
  const wrong = { period: "ever", since: "2026-13-40", silence: "-5", zone: 3, channel: "", language: "de" };
  assert.deepEqual(given(parseFiguresSearch(wrong)), { language: "de" });
  const custom = { period: "custom", since: "2026-02-01", until: "2026-02-30x", silence: 30 };
  assert.deepEqual(given(parseFiguresSearch(custom)), { period: "custom", since: "2026-02-01", silence: 30 });
  assert.deepEqual(given(parseReviewSearch({ page: "0" })), {});
  assert.deepEqual(given(parseReviewSearch({ page: 2, channel: "webchat" })), { page: 2, channel: "webchat" });
});

test("days are those of the time zone", () => {
  const late = new Date("2026-03-01T23:30:00Z");
  assert.equal(dayIn("UTC", late), "2026-03-01");
  assert.equal(dayIn("Asia/Tokyo", late), "2026-03-02");
  assert.equal(dayIn("Mars/Olympus", late), "2026-03-01");
  assert.equal(plusDays("2026-03-01", -1), "2026-02-28");
});

test("a period has a first and a last day", () => {
  const of = (period, rest = {}) => daysOf({ period, ...rest }, "2026-03-02");
  assert.deepEqual(of("today"), ["2026-03-02", "2026-03-02"]);
  assert.deepEqual(of("yesterday"), ["2026-03-01", "2026-03-01"]);
  assert.deepEqual(of(undefined), ["2026-02-24", "2026-03-02"]);
  assert.deepEqual(of("days30"), ["2026-02-01", "2026-03-02"]);
  assert.deepEqual(of("month"), ["2026-03-01", "2026-03-02"]);
  assert.deepEqual(of("custom", { until: "2026-01-10" }), ["2026-01-04", "2026-01-10"]);
});

test("a time is told in its two largest units, and never as 60 of the smaller one", () => {
  assert.deepEqual(largestUnits(0.2), [["second", 0]]);
  assert.deepEqual(largestUnits(59.7), [["minute", 1]]);
  assert.deepEqual(largestUnits(61), [
    ["minute", 1],
    ["second", 1],
  ]);
  assert.deepEqual(largestUnits(3599.9), [["hour", 1]]);
  assert.deepEqual(largestUnits(3600 + 59 * 60 + 45), [["hour", 2]]);
  assert.deepEqual(largestUnits(86_399), [["day", 1]]);
  assert.deepEqual(largestUnits(2 * 86_400 + 7_300), [
    ["day", 2],
    ["hour", 2],
  ]);
});

test("how long something has lasted is rounded to the nearest, and nearly two hours are not one", () => {
  assert.deepEqual(elapsedUnits(-3), [["second", 0]]);
  assert.deepEqual(elapsedUnits(59.4), [["second", 59]]);
  assert.deepEqual(elapsedUnits(59.6), [["minute", 1]]);
  assert.deepEqual(elapsedUnits(9 * 60 + 50), [["minute", 10]]);
  assert.deepEqual(elapsedUnits(59 * 60 + 40), [["hour", 1]]);
  assert.deepEqual(elapsedUnits(3600 + 59 * 60), [
    ["hour", 1],
    ["minute", 59],
  ]);
  assert.deepEqual(elapsedUnits(47 * 3600 + 1500), [
    ["day", 1],
    ["hour", 23],
  ]);
});

const group = (id, ...others) => ({
  id,
  ids: [id, ...others],
  count: 1 + others.length,
  messages: [id, ...others].map((message) => ({ message })),
});
const groups = [group("a", "b", "c"), group("d")];

test("keys go from group to group, and through the messages of an open one", () => {
  const none = new Set();
  assert.deepEqual(moved(groups, none, { group: "a", at: 0 }, 1), { group: "d", at: 1 });
  assert.deepEqual(moved(groups, none, { group: "d", at: 1 }, 1), { group: "d", at: 1 });
  const open = new Set(["b"]);
  assert.deepEqual(moved(groups, open, { group: "a", at: 0 }, 1), { group: "a", message: "a", at: 0 });
  assert.deepEqual(moved(groups, open, { group: "a", message: "c", at: 0 }, 1), { group: "d", at: 1 });
});

test("what was selected is found again when the rest is grouped anew, and else what stands in its place", () => {
  assert.equal(selected(groups, { group: "gone", message: "b", at: 1 }).message.message, "b");
  assert.equal(selected(groups, { group: "gone", at: 1 }).group.id, "d");
  assert.equal(selected(groups, { group: "gone", at: 7 }).group.id, "d");
  assert.equal(selected([], undefined), undefined);
  assert.deepEqual(after(selected(groups, { group: "a", message: "b", at: 0 })), { group: "a", message: "c", at: 0 });
  assert.deepEqual(after(selected(groups, { group: "a", message: "c", at: 0 })), { group: "a", message: "b", at: 0 });
  assert.deepEqual(after(selected(groups, { group: "a", at: 0 })), { group: "a", message: undefined, at: 0 });
});

test("what was decided is gone from the page and from its counts", () => {
  const review = { groups, total: 2, open: 4, grouped: 4, next: null };
  const left = without(review, ["b", "d"]);
  assert.deepEqual(
    left.groups.map((one) => one.ids),
    [["a", "c"]],
  );
  assert.deepEqual([left.total, left.open, left.grouped], [1, 2, 2]);
  assert.deepEqual(tallied(["x", "y", "y"]), [
    ["y", 2],
    ["x", 1],
  ]);
});
