// What the studio makes of examples, drafts, diffs and trainings.
import assert from "node:assert/strict";
import { test } from "node:test";
import { annotate, overlaps, piecesOf, placeIn, plain, withoutAnnotation } from "../src/studio/annotations.ts";
import { stretches } from "../src/studio/bench.ts";
import { diffLines } from "../src/studio/diff.ts";
import { changed, clashes, merged, mergedLines, readDraft, resolved, saved } from "../src/studio/draft.ts";
import { linesOf, withMore } from "../src/studio/examples.ts";
import { listed, parseIntentsSearch } from "../src/studio/list.ts";
import { applyTraining, share } from "../src/studio/progress.ts";

const WRITTEN = 'where is [12345](order_number) or [MG-7]{"entity": "order_number"}?';

test("an example is read without its annotations, in either of Rasa's forms", () => {
  assert.equal(plain(WRITTEN), "where is 12345 or MG-7?");
  assert.deepEqual(
    piecesOf(WRITTEN).map(({ text, entity, start }) => [text, entity, start]),
    [
      ["where is ", undefined, 0],
      ["12345", "order_number", 9],
      [" or ", undefined, 14],
      ["MG-7", "order_number", 18],
      ["?", undefined, 22],
    ],
  );
  assert.equal(plain("[12345](order_number:00012345)"), "12345");
  assert.equal(plain("see [note] (1)"), "see [note] (1)");
  assert.deepEqual(piecesOf(""), []);
});

test("words that are marked become an annotation, without the white space around them", () => {
  assert.equal(annotate("track 12345 now", 6, 12, "order_number"), "track [12345](order_number) now");
  assert.equal(annotate("track 12345 now", 5, 11, "order_number"), "track [12345](order_number) now");
  assert.equal(annotate("track 12345", 5, 6, "order_number"), "track 12345", "white space alone is nothing");
  assert.equal(annotate("😀 12345", 3, 8, "n"), "😀 [12345](n)");
});

test("a mark over a whole annotation takes its place, and one that cuts it in two is none", () => {
  const written = "track [12345](order_number) now";
  assert.equal(annotate(written, 0, written.length, "all"), "[track 12345 now](all)");
  assert.equal(overlaps(written, 8, 20), true);
  assert.equal(annotate(written, 8, 20, "size"), written);
  assert.equal(overlaps(written, 6, 27), false);
});

test("an annotation is taken off and its words stay", () => {
  const [, first] = piecesOf(WRITTEN);
  assert.equal(withoutAnnotation(WRITTEN, first), 'where is 12345 or [MG-7]{"entity": "order_number"}?');
});

test("what is selected of the text that is read is found in what is written", () => {
  const written = "go [12345](n) home";
  assert.deepEqual([placeIn(written, 0, "start"), placeIn(written, 2, "end")], [0, 2]);
  assert.deepEqual([placeIn(written, 3, "start"), placeIn(written, 8, "end")], [3, 13], "the whole annotation");
  assert.deepEqual([placeIn(written, 4, "start"), placeIn(written, 6, "end")], [5, 7], "inside of it");
  assert.deepEqual([placeIn(written, 9, "start"), placeIn(written, 13, "end")], [14, 18]);
  assert.equal(placeIn("", 0, "start"), 0);
});

test("pasted lines lose the marks of a list, and what is there already is counted and not added", () => {
  assert.deepEqual(linesOf("- one\r\n* two  words\n\n3. three\n4 apples\n"), ["one", "two words", "three", "4 apples"]);
  assert.deepEqual(withMore(["Hello", "[12345](n)"], ["hello ", "hi", "HI", "12345"]), {
    examples: ["Hello", "[12345](n)", "hi"],
    added: 1,
    known: 3,
  });
});

const intent = (more = {}) => ({
  etag: "m1",
  means: "asks",
  buttons: [],
  examples: [{ language: "en", examples: ["a", "b"], etag: "e1" }],
  replies: [{ language: "en", label: null, replies: ["A."], etag: "r1" }],
  no_examples: "e0",
  no_replies: "r0",
  ...more,
});

test("what is changed keeps the tag of what was seen, and what is put back is no change", () => {
  const before = intent();
  let draft = changed(before, {}, "examples:en", ["a"]);
  assert.deepEqual(draft, { "examples:en": { tag: "e1", base: ["a", "b"], value: ["a"] } });
  draft = changed(before, draft, "examples:de", ["x"]);
  assert.equal(draft["examples:de"].tag, "e0");
  draft = changed(before, draft, "examples:en", ["a", "b"]);
  assert.deepEqual(Object.keys(draft), ["examples:de"]);
  assert.deepEqual(clashes(before, draft), []);
});

test("a part that somebody else has changed clashes until one has chosen, unless both made the same of it", () => {
  const draft = changed(intent(), {}, "examples:en", ["a", "b", "mine"]);
  const theirs = ["a", "theirs"];
  const now = intent({ examples: [{ language: "en", examples: theirs, etag: "e2" }] });
  assert.deepEqual(clashes(now, draft), ["examples:en"]);
  const both = merged("examples:en", draft["examples:en"].base, draft["examples:en"].value, theirs);
  assert.deepEqual(both, ["a", "theirs", "mine"]);
  const chosen = resolved(now, draft, "examples:en", both);
  assert.equal(chosen["examples:en"].tag, "e2");
  assert.deepEqual(clashes(now, chosen), []);
  assert.deepEqual(resolved(now, draft, "examples:en", theirs), {});
  const same = intent({ examples: [{ language: "en", examples: ["a", "b", "mine"], etag: "e3" }] });
  assert.deepEqual(clashes(same, draft), []);
});

test("what is typed while the rest is saved stays a change of what was saved", () => {
  const draft = changed(intent(), {}, "meaning", { means: "asks for it", buttons: [] });
  const sent = draft.meaning.value;
  assert.deepEqual(saved(draft, "meaning", sent, "m2"), {});
  const later = changed(intent(), draft, "meaning", { means: "asks for it now", buttons: [] });
  assert.deepEqual(saved(later, "meaning", sent, "m2").meaning, {
    tag: "m2",
    base: sent,
    value: { means: "asks for it now", buttons: [] },
  });
});

test("two versions of replies and of a meaning are put together, and one's own words win", () => {
  assert.deepEqual(mergedLines(["a", "b"], ["a"], ["a", "b", "c"]), ["a", "c"]);
  const [was, mine, theirs] = [
    { label: "L", replies: ["A."] },
    { label: "L", replies: ["A.", "B."] },
    { label: "M", replies: ["A!"] },
  ];
  assert.deepEqual(merged("replies:en", was, mine, theirs), { label: "M", replies: ["A!", "B."] });
  assert.deepEqual(
    merged("meaning", { means: "m", buttons: [] }, { means: "mine", buttons: [] }, { means: "t", buttons: ["x"] }),
    { means: "mine", buttons: ["x"] },
  );
});

test("a kept draft that cannot be read is none", () => {
  assert.deepEqual([readDraft(null), readDraft("{"), readDraft("7"), readDraft('{"meaning": 1}')], [{}, {}, {}, {}]);
});

const summary = (name, more = {}) => ({ name, means: "", total: 0, untaught: [], unsaid: [], accuracy: null, ...more });
const names = (intents) => intents.map(({ name }) => name);

test("intents are found by the words of their names and meanings, and sorted by what they lack", () => {
  const all = [
    summary("refund", { means: "wants money back", total: 3, accuracy: { n: 9, accuracy: 0.9 } }),
    summary("order_status", { total: 9, unsaid: ["de", "fr"], accuracy: { n: 9, accuracy: 0.5 } }),
    summary("greeting", { total: 1, untaught: ["de"] }),
  ];
  assert.deepEqual(names(listed(all, {})), ["greeting", "order_status", "refund"]);
  assert.deepEqual(names(listed(all, { q: "Order stat" })), ["order_status"]);
  assert.deepEqual(names(listed(all, { q: "money" })), ["refund"]);
  assert.deepEqual(names(listed(all, { sort: "examples" })), ["greeting", "refund", "order_status"]);
  assert.deepEqual(names(listed(all, { sort: "accuracy" })), ["order_status", "refund", "greeting"]);
  assert.deepEqual(names(listed(all, { sort: "missing", lacking: true })), ["order_status", "greeting"]);
  assert.deepEqual(parseIntentsSearch({ q: 7, sort: "worst", lacking: "yes" }), {
    q: "7",
    sort: undefined,
    lacking: undefined,
  });
});

test("findings are marked where they stand, counted in code points, and of two that overlap the longest", () => {
  const found = (start, end, entity) => ({ start, end, entity, value: "" });
  assert.deepEqual(
    stretches("😀 order 12345!", [found(8, 13, "number"), found(2, 7, "thing"), found(8, 10, "short")]).map(
      ({ text, found: one }) => [text, one?.entity],
    ),
    [
      ["😀 ", undefined],
      ["order", "thing"],
      [" ", undefined],
      ["12345", "number"],
      ["!", undefined],
    ],
  );
  assert.deepEqual(stretches("x", [found(0, 9, "all")])[0].text, "x");
});

test("a diff tells each line's number before and after", () => {
  const diff = "--- before\n+++ after\n@@ -3,2 +3,3 @@\n a\n-b\n+c\n+d\n@@ -20 +21 @@\n-x\n+y";
  assert.deepEqual(
    diffLines(diff).map(({ kind, text, before, after }) => [kind, text, before, after]),
    [
      ["kept", "a", 3, 3],
      ["removed", "b", 4, undefined],
      ["added", "c", undefined, 4],
      ["added", "d", undefined, 5],
      ["gap", "", undefined, undefined],
      ["removed", "x", 20, undefined],
      ["added", "y", undefined, 21],
    ],
  );
  assert.deepEqual(diffLines(""), []);
});

test("a training goes on by what events tell, and is read again when it has come to another state", () => {
  const run = { number: 2, state: "training", step: null, done: 0, total: 0 };
  const known = { runs: [run, { ...run, number: 1, state: "served" }] };
  const event = { type: "training", number: 2, state: "training", step: "fitting", done: 1, total: 4 };
  const after = applyTraining(known, event);
  assert.deepEqual([after.runs[0].step, share(after.runs[0]), after.runs[1]], ["fitting", 0.25, known.runs[1]]);
  assert.equal(applyTraining(known, { ...event, state: "served" }), undefined);
  assert.equal(applyTraining(known, { ...event, number: 3 }), undefined);
  assert.equal(share(run), undefined);
});
