// What the console reckons about working hours, canned replies and channels.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inserted, unknownIn } from "../src/canned/variables.ts";
import { snippetOf, standingOf } from "../src/channels/snippet.ts";
import { nextSpan, readSpan, readWeek, writeSpan, writeWeek, wrongWith } from "../src/hours/spans.ts";

test("the end of a day is 24:00 for the server and 00:00 in a field", () => {
  assert.deepEqual(readSpan("09:00-24:00"), { from: "09:00", to: "00:00" });
  assert.equal(writeSpan({ from: "09:00", to: "00:00" }), "09:00-24:00");
  const days = { monday: ["00:00-24:00"], sunday: [] };
  assert.deepEqual(writeWeek(readWeek(days)).monday, ["00:00-24:00"]);
  assert.deepEqual(readWeek(null).friday, []);
});

test("spans must end after they begin and not overlap, in whatever order they stand", () => {
  const spans = (...texts) => texts.map(readSpan);
  assert.equal(wrongWith(spans("13:00-17:00", "09:00-13:00")), undefined);
  assert.equal(wrongWith(spans("09:00-09:00")), "order");
  assert.equal(wrongWith([{ from: "09:00", to: "" }]), "order");
  assert.equal(wrongWith(spans("13:00-17:00", "09:00-13:01")), "overlap");
  assert.equal(wrongWith(spans("20:00-24:00", "09:00-20:00")), undefined);
});

test("another span begins after the last one and is one that the server takes", () => {
  for (const before of [[], ["09:00-12:00"], ["09:00-21:30"], ["09:00-22:30"], ["09:00-23:00"]]) {
    const spans = before.map(readSpan);
    assert.equal(wrongWith([...spans, nextSpan(spans)]), undefined, before.join());
  }
});

test("a text names what it asks for, and what nobody can know is told", () => {
  const text = "Hello {customer_name}, {order} of {Shop} {order}{oops";
  assert.deepEqual(unknownIn(text, ["customer_name"]), ["order"]);
  assert.deepEqual(inserted("Hi , bye", 3, 3, "name"), ["Hi {name}, bye", 9]);
  assert.deepEqual(inserted("Hi you", 3, 6, "name"), ["Hi {name}", 9]);
});

test("a channel that others call is ready, one that we connect to is connected", () => {
  const channel = { configured: true, problem: null, receives: "polling" };
  assert.equal(standingOf(channel), "fine");
  assert.equal(standingOf({ ...channel, receives: "http" }), "ready");
  assert.equal(standingOf({ ...channel, problem: "cannot be reached" }), "trouble");
  assert.equal(standingOf({ ...channel, configured: false, problem: "x" }), "off");
  assert.match(snippetOf("https://desk.example/"), /src="https:\/\/desk\.example\/chat\/widget\.js" defer/);
});
