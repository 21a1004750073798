// What a version's judgements of the tests come to: at a threshold, by language, by confidence, by what is mistaken.

export interface Judgement {
  text: string;
  language: string;
  expected: string;
  intent: string;
  /** Of the intent, 0 to 1. */
  confidence: number;
  /** The share of wrong answers from this confidence on, as the version knew it. */
  risk: number | null;
}

export const OUT_OF_SCOPE = "out_of_scope";

/** When the bot answers: from a probability on, or where at most a share of the answers is wrong. */
export type Kind = "answer" | "max_error";

export interface Rule {
  kind: Kind;
  at: number;
}

/** The probability that counts for a version that knows no risk, as for the bot itself. */
const ANSWER = 0.6;

/** A figure and the same one reached by adding up may differ by as much. */
const SLACK = 1e-9;

export function isAnswered({ intent, confidence, risk }: Judgement, { kind, at }: Rule): boolean {
  if (intent === OUT_OF_SCOPE) {
    return false;
  }
  return kind === "max_error" && risk !== null
    ? risk <= at + SLACK
    : confidence >= (kind === "answer" ? at : ANSWER) - SLACK;
}

/** Of `n` messages: how many the bot answers by itself, and how many of these wrongly. */
export interface Outcome {
  n: number;
  answered: number;
  wrong: number;
}

export function outcomeOf(judgements: readonly Judgement[], rule: Rule): Outcome {
  const outcome = { n: judgements.length, answered: 0, wrong: 0 };
  for (const judgement of judgements) {
    if (isAnswered(judgement, rule)) {
      outcome.answered += 1;
      outcome.wrong += judgement.intent === judgement.expected ? 0 : 1;
    }
  }
  return outcome;
}

export const handedOver = ({ n, answered }: Outcome): number => (n === 0 ? 0 : 1 - answered / n);

/** Of the answers; nothing was answered wrongly where nothing was answered. */
export const wrongOf = ({ answered, wrong }: Outcome): number => (answered === 0 ? 0 : wrong / answered);

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const mine = groups.get(key);
    if (mine) {
      mine.push(one);
    } else {
      groups.set(key, [one]);
    }
  }
  return groups;
}

export function byLanguage(judgements: readonly Judgement[], rule: Rule): [string, Outcome][] {
  const groups = grouped(judgements, ({ language }) => language);
  return [...groups]
    .map(([language, mine]): [string, Outcome] => [language, outcomeOf(mine, rule)])
    .sort(([, a], [, b]) => b.n - a.n);
}

export const STEP: Record<Kind, number> = { answer: 0.01, max_error: 0.005 };

/** From where to where a threshold may be chosen; one that was saved beyond that is within, too. */
export function rangeOf(kind: Kind, saved: Rule | undefined): [number, number] {
  if (kind === "answer") {
    return [0, 1];
  }
  return [STEP.max_error, saved?.kind === kind ? Math.max(0.2, Math.ceil(saved.at * 100) / 100) : 0.2];
}

export interface Point {
  at: number;
  handed: number;
  wrong: number;
}

/** The outcome at every threshold of a range. */
export function curveOf(judgements: readonly Judgement[], kind: Kind, [from, to]: readonly [number, number]): Point[] {
  const steps = Math.round((to - from) / STEP[kind]);
  return Array.from({ length: steps + 1 }, (_, step) => {
    const at = Math.round((from + step * STEP[kind]) * 1000) / 1000;
    const outcome = outcomeOf(judgements, { kind, at });
    return { at, handed: handedOver(outcome), wrong: wrongOf(outcome) };
  });
}

/** The point at which about so much is handed over. */
export function nearest(points: readonly Point[], handed: number): Point | undefined {
  let best: Point | undefined;
  for (const point of points) {
    if (!best || Math.abs(point.handed - handed) < Math.abs(best.handed - handed)) {
      best = point;
    }
  }
  return best;
}

export interface Confusion {
  expected: string;
  intent: string;
  judgements: Judgement[];
}

/** What is taken for what, the most frequent first. */
export function confusionsOf(judgements: readonly Judgement[]): Confusion[] {
  const wrong = judgements.filter(({ expected, intent }) => expected !== intent);
  const groups = grouped(wrong, ({ expected, intent }) => `${expected}\n${intent}`);
  return [...groups.values()]
    .map((mine) => ({ expected: mine[0]?.expected ?? "", intent: mine[0]?.intent ?? "", judgements: mine }))
    .sort((a, b) => b.judgements.length - a.judgements.length || a.expected.localeCompare(b.expected));
}

export interface Matrix {
  /** The intents with the most confusions first; those of them that are beyond the limit are left out. */
  intents: string[];
  /** How many of a row's intent were told as a column's. */
  counts: number[][];
  /** Tests of each row's intent. */
  totals: number[];
  /** Of each row, those told as an intent that is left out. */
  others: number[];
}

export function matrixOf(judgements: readonly Judgement[], limit: number): Matrix {
  const mistakes = new Map<string, number>();
  for (const { expected, intent } of judgements) {
    const wrong = expected === intent ? 0 : 1;
    mistakes.set(expected, (mistakes.get(expected) ?? 0) + wrong);
    mistakes.set(intent, (mistakes.get(intent) ?? 0) + wrong);
  }
  const intents = [...mistakes]
    .sort(([one, a], [other, b]) => b - a || one.localeCompare(other))
    .slice(0, limit)
    .map(([intent]) => intent);
  const places = new Map(intents.map((intent, place) => [intent, place]));
  const counts = intents.map(() => intents.map(() => 0));
  const totals = intents.map(() => 0);
  const others = intents.map(() => 0);
  for (const { expected, intent } of judgements) {
    const row = places.get(expected);
    const mine = row === undefined ? undefined : counts[row];
    if (row === undefined || !mine) {
      continue;
    }
    totals[row] = (totals[row] ?? 0) + 1;
    const column = places.get(intent);
    if (column === undefined) {
      others[row] = (others[row] ?? 0) + 1;
    } else {
      mine[column] = (mine[column] ?? 0) + 1;
    }
  }
  return { intents, counts, totals, others };
}

export interface Bin {
  from: number;
  to: number;
  right: number;
  wrong: number;
}

/** How sure the version was of what it told right and wrong; a bin holds its lower edge, the last one both. */
export function histogramOf(judgements: readonly Judgement[], bins = 20): Bin[] {
  const found = Array.from({ length: bins }, (_, bin) => ({
    from: bin / bins,
    to: (bin + 1) / bins,
    right: 0,
    wrong: 0,
  }));
  for (const { confidence, expected, intent } of judgements) {
    const bin = found[Math.min(bins - 1, Math.max(0, Math.floor(confidence * bins + SLACK)))];
    if (bin) {
      bin[expected === intent ? "right" : "wrong"] += 1;
    }
  }
  return found;
}
