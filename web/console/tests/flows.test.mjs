// What the page of the flows makes of what is typed, of findings, of two texts, and where a flow's steps stand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { marksIn, parseFlowsSearch, sideBySide, sortedFiles, spanOf, typed } from "../src/flows/drafts.ts";
import { HEIGHT, laidOut, pathOf, WIDTH } from "../src/flows/layout.ts";

const SAVED = { text: "flows: {}\n", etag: "one" };

test("a file that says again what it said is no draft", () => {
  const begun = typed([], "flows.yml", "flows:\n", SAVED);
  assert.deepEqual(begun, [{ path: "flows.yml", text: "flows:\n", etag: "one" }]);
  assert.deepEqual(typed(begun, "flows.yml", SAVED.text, SAVED), []);
});

test("a draft keeps the tag of what it was made from, whatever is saved meanwhile", () => {
  const begun = typed([], "flows.yml", "mine\n", SAVED);
  const later = typed(begun, "flows.yml", "mine, too\n", { text: "theirs\n", etag: "two" });
  assert.deepEqual(later, [{ path: "flows.yml", text: "mine, too\n", etag: "one" }]);
  // Even if it says the same by now: whoever saves it has to be told.
  assert.equal(typed(begun, "flows.yml", "theirs\n", { text: "theirs\n", etag: "two" }).length, 1);
});

test("files that are written in words come first, examples and tests last", () => {
  const paths = ["tests/en.jsonl", "nlu/en.yml", "pack.yml", "replies/en.yml", "flows.yml", "notes.md"];
  assert.deepEqual(sortedFiles(paths), [
    "flows.yml",
    "pack.yml",
    "replies/en.yml",
    "notes.md",
    "nlu/en.yml",
    "tests/en.jsonl",
  ]);
});

test("findings are marked from their column to the end of their line, and within the text", () => {
  const text = "flows:\n  a: 1\n\n  b: 2";
  const slice = (line, column) => text.slice(...spanOf(text, { line, column, reason: "" }));
  assert.equal(slice(2, 6), "1");
  assert.equal(slice(2, 0), "a: 1");
  assert.equal(slice(4, 99), "2");
  assert.equal(slice(99, 1), "  b: 2");
  assert.equal(slice(0, 0), "flows:");
  assert.equal(slice(3, 1), "");
  const found = [
    { file: "a", line: 3, column: 1, reason: "late" },
    { file: "b", line: 1, column: 1, reason: "elsewhere" },
    { file: "a", line: 1, column: 2, reason: "early" },
  ];
  assert.deepEqual(
    marksIn(found, "a").map(({ reason }) => reason),
    ["early", "late"],
  );
});

test("of two texts the lines are marked that only one of them has", () => {
  const differing = (lines) => lines.filter(({ differs }) => differs).map(({ text }) => text);
  const [one, other] = sideBySide("a\nb\nc\nd", "a\nc\nx\nd");
  assert.deepEqual([differing(one), differing(other)], [["b"], ["x"]]);
  assert.deepEqual(sideBySide("same", "same").map(differing), [[], []]);
  assert.deepEqual(sideBySide("", "new").map(differing), [[""], ["new"]]);
});

const step = (id, kind) => ({ id, kind, label: id, text: null, buttons: [] });
const GRAPH = {
  flow: "return",
  title: "Return",
  nodes: [
    step("trigger", "trigger"),
    step("slot:order", "slot"),
    step("slot:item", "slot"),
    step("confirm", "confirm"),
    step("action", "action"),
    step("outcome:done", "outcome"),
    step("outcome:unknown", "outcome"),
    step("human", "human"),
  ],
  edges: [
    { source: "trigger", target: "slot:order", label: "" },
    { source: "slot:order", target: "slot:item", label: "filled" },
    { source: "slot:item", target: "confirm", label: "filled" },
    { source: "confirm", target: "action", label: "yes" },
    { source: "confirm", target: "slot:order", label: "no" },
    { source: "action", target: "outcome:done", label: "outcome:done" },
    { source: "action", target: "outcome:unknown", label: "outcome:unknown" },
    { source: "outcome:unknown", target: "slot:order", label: "asks again" },
    { source: "action", target: "human", label: "unavailable" },
    { source: "slot:order", target: "human", label: "not understood three times" },
    { source: "slot:item", target: "human", label: "not understood three times" },
  ],
};

test("no step stands on another, and all of them within the diagram", () => {
  const { nodes, width, height } = laidOut(GRAPH);
  assert.equal(nodes.length, GRAPH.nodes.length);
  for (const [place, one] of nodes.entries()) {
    assert.ok(one.x - WIDTH / 2 >= 0 && one.x + WIDTH / 2 <= width && one.y + HEIGHT / 2 <= height);
    for (const other of nodes.slice(place + 1)) {
      assert.ok(Math.abs(one.x - other.x) >= WIDTH || Math.abs(one.y - other.y) >= HEIGHT, `${one.id} ${other.id}`);
    }
  }
});

test("every way is drawn, those back and out aside, and a name that the target has is not written", () => {
  const { lines } = laidOut(GRAPH);
  assert.equal(lines.length, GRAPH.edges.length);
  const of = (source, target) => lines.find((line) => line.source === source && line.target === target);
  assert.equal(of("action", "outcome:done").label, "");
  assert.equal(of("confirm", "slot:order").label, "no");
  assert.deepEqual(
    lines.filter(({ aside }) => aside).map(({ source }) => source),
    ["confirm", "outcome:unknown", "action", "slot:order", "slot:item"],
  );
  // The way out is named once.
  assert.equal(lines.filter(({ label }) => label === "not understood three times").length, 1);
  const lanes = [of("confirm", "slot:order"), of("outcome:unknown", "slot:order")].map(({ points }) => points[1].x);
  assert.notEqual(lanes[0], lanes[1]);
});

test("a flow of one step has a diagram, too", () => {
  const { nodes, lines } = laidOut({
    ...GRAPH,
    nodes: [step("trigger", "trigger"), step("action", "action"), step("human", "human")],
    edges: [
      { source: "trigger", target: "action", label: "" },
      { source: "action", target: "human", label: "unavailable" },
    ],
  });
  assert.equal(nodes.length, 3);
  assert.ok(lines.every(({ points }) => points.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))));
});

test("a line with corners is one path", () => {
  assert.equal(
    pathOf([
      { x: 0, y: 0 },
      { x: 0, y: 20 },
    ]),
    "M0,0 L0,20",
  );
  assert.equal(
    pathOf([
      { x: 0, y: 0 },
      { x: 0, y: 20 },
      { x: 20, y: 20 },
    ]),
    "M0,0 L0,12 Q0,20 8,20 L20,20",
  );
});

test("an address of the flows that makes no sense says nothing", () => {
  const given = Object.entries(parseFlowsSearch({ file: "", flow: 3, language: "de" }));
  assert.deepEqual(
    given.filter(([, value]) => value !== undefined),
    [["language", "de"]],
  );
});
