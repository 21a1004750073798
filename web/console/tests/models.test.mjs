// What the pages of the model's versions make of a version's judgements, and of two versions side by side.
import assert from "node:assert/strict";
import { test } from "node:test";
import { besides, chosen, counted, parseCompareSearch } from "../src/models/compared.ts";
import {
  byLanguage,
  confusionsOf,
  curveOf,
  handedOver,
  histogramOf,
  isAnswered,
  matrixOf,
  nearest,
  outcomeOf,
  rangeOf,
  wrongOf,
} from "../src/models/outcomes.ts";

const judged = (expected, intent, confidence, { language = "en", risk = null, text = "" } = {}) => ({
  text: text || `${expected} ${intent} ${confidence}`,
  language,
  expected,
  intent,
  confidence,
  risk,
});

const SOME = [
  judged("refund", "refund", 0.95, { risk: 0.01 }),
  judged("refund", "status", 0.7, { risk: 0.04 }),
  judged("status", "status", 0.6, { risk: 0.06, language: "de" }),
  judged("status", "out_of_scope", 0.99, { language: "de" }),
];

test("a message is answered from the threshold on, and never one that is none of the bot's business", () => {
  const at = (rule) => SOME.map((one) => isAnswered(one, rule));
  assert.deepEqual(at({ kind: "answer", at: 0.6 }), [true, true, true, false]);
  assert.deepEqual(at({ kind: "answer", at: 0.61 }), [true, true, false, false]);
  assert.deepEqual(at({ kind: "max_error", at: 0.04 }), [true, true, false, false]);
});

test("a version that knows no risk answers by probability, as the bot does", () => {
  const rule = { kind: "max_error", at: 0.01 };
  assert.equal(isAnswered(judged("refund", "refund", 0.6), rule), true);
  assert.equal(isAnswered(judged("refund", "refund", 0.59), rule), false);
});

test("what is handed over is of all messages, what is wrong of the answers, by language too", () => {
  const rule = { kind: "answer", at: 0.6 };
  const all = outcomeOf(SOME, rule);
  assert.deepEqual(all, { n: 4, answered: 3, wrong: 1 });
  assert.equal(handedOver(all), 0.25);
  assert.equal(wrongOf(all), 1 / 3);
  assert.deepEqual(byLanguage(SOME, rule), [
    ["en", { n: 2, answered: 2, wrong: 1 }],
    ["de", { n: 2, answered: 1, wrong: 0 }],
  ]);
  assert.equal(wrongOf(outcomeOf(SOME, { kind: "answer", at: 1 })), 0);
  assert.equal(handedOver(outcomeOf([], rule)), 0);
});

test("along the curve more is handed over the surer the bot has to be, and the nearest point is found", () => {
  const points = curveOf(SOME, "answer", rangeOf("answer", undefined));
  assert.equal(points.length, 101);
  assert.deepEqual(points[0], { at: 0, handed: 0.25, wrong: 1 / 3 });
  assert.deepEqual(points.at(-1), { at: 1, handed: 1, wrong: 0 });
  for (const [place, point] of points.entries()) {
    assert.ok(place === 0 || point.handed >= points[place - 1].handed);
  }
  assert.equal(nearest(points, 0.5)?.handed, 0.5);
  assert.equal(nearest([], 0.5), undefined);
});

test("an allowed share of wrong answers that was saved is within the range, however high", () => {
  assert.deepEqual(rangeOf("max_error", { kind: "max_error", at: 0.05 }), [0.005, 0.2]);
  assert.deepEqual(rangeOf("max_error", { kind: "max_error", at: 0.333 }), [0.005, 0.34]);
});

test("the most frequent confusions come first, with the messages", () => {
  const more = [...SOME, judged("refund", "status", 0.5), judged("a", "b", 0.5)];
  const found = confusionsOf(more);
  assert.deepEqual(
    found.map(({ expected, intent, judgements }) => [expected, intent, judgements.length]),
    [
      ["refund", "status", 2],
      ["a", "b", 1],
      ["status", "out_of_scope", 1],
    ],
  );
});

test("the matrix begins with the intents that are confused most, and counts what is beyond it", () => {
  const matrix = matrixOf([...SOME, judged("hello", "hello", 0.9), judged("refund", "hello", 0.9)], 2);
  assert.deepEqual(matrix.intents, ["refund", "status"]);
  assert.deepEqual(matrix.counts, [
    [1, 1],
    [0, 1],
  ]);
  assert.deepEqual(matrix.totals, [3, 2]);
  assert.deepEqual(matrix.others, [1, 1]);
});

test("a bin of confidence holds its lower edge, and the last one both", () => {
  const bins = histogramOf(
    [judged("a", "a", 0), judged("a", "a", 0.15), judged("a", "b", 1), judged("a", "a", 0.3)],
    20,
  );
  assert.deepEqual([bins[0].right, bins[3].right, bins[6].right, bins[19].wrong], [1, 1, 1, 1]);
});

test("changed messages are chosen by what became of them, language, intent and words", () => {
  const changed = [
    {
      text: "Wo ist mein Geld?",
      language: "de",
      expected: "refund",
      change: "broken",
      this: { intent: "status" },
      other: { intent: "refund" },
    },
    {
      text: "my money",
      language: "en",
      expected: "refund",
      change: "fixed",
      this: { intent: "refund" },
      other: { intent: "hello" },
    },
  ];
  const texts = (search, words = "") => chosen(changed, search, words).map(({ text }) => text);
  assert.deepEqual(texts({ change: "broken" }), ["Wo ist mein Geld?"]);
  assert.deepEqual(texts({ intent: "hello" }), ["my money"]);
  assert.deepEqual(texts({ language: "en" }, " MONEY "), ["my money"]);
  assert.deepEqual(texts({ intent: "refund" }), ["Wo ist mein Geld?", "my money"]);
  assert.deepEqual(counted(changed), { broken: 1, fixed: 1, still_wrong: 0 });
});

test("a version is compared with the one that serves, or if it is that, with another that can be used", () => {
  const versions = [
    { name: "v3", problem: "broken" },
    { name: "v2", problem: null },
    { name: "v1", problem: null },
  ];
  assert.equal(besides({ champion: "v1", versions }, "v2"), "v1");
  assert.equal(besides({ champion: "v1", versions }, "v1"), "v2");
  assert.equal(besides({ champion: null, versions: [] }, "v1"), undefined);
});

test("an address of a comparison that makes no sense says nothing", () => {
  const given = Object.entries(parseCompareSearch({ this: "v1", other: "", change: "worse", language: 3 }));
  assert.deepEqual(
    given.filter(([, value]) => value !== undefined),
    [["this", "v1"]],
  );
});
