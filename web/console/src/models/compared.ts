// Two versions side by side: what the address says, and which of the changed messages are shown.

export const CHANGES = ["broken", "fixed", "still_wrong"] as const;
export type Change = (typeof CHANGES)[number];

export interface CompareSearch {
  this?: string | undefined;
  other?: string | undefined;
  change?: Change | undefined;
  language?: string | undefined;
  intent?: string | undefined;
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

export const parseCompareSearch = (search: Record<string, unknown>): CompareSearch => ({
  this: text(search.this),
  other: text(search.other),
  change: CHANGES.find((change) => change === search.change),
  language: text(search.language),
  intent: text(search.intent),
});

interface Told {
  text: string;
  language: string;
  expected: string;
  change: Change;
  this: { intent: string };
  other: { intent: string };
}

/** Those that are asked for; an intent is that of the message or one that a version took it for. */
export function chosen<T extends Told>(changed: readonly T[], search: CompareSearch, words: string): T[] {
  const wanted = words.trim().toLocaleLowerCase();
  return changed.filter(
    (one) =>
      (!search.change || one.change === search.change) &&
      (!search.language || one.language === search.language) &&
      (!search.intent || [one.expected, one.this.intent, one.other.intent].includes(search.intent)) &&
      (!wanted || one.text.toLocaleLowerCase().includes(wanted)),
  );
}

export const counted = (changed: readonly { change: Change }[]): Record<Change, number> => {
  const counts = { broken: 0, fixed: 0, still_wrong: 0 };
  for (const { change } of changed) {
    counts[change] += 1;
  }
  return counts;
};

/** The version that is compared with where none was asked for: the one that serves, or else the next one. */
export function besides(
  state: { champion: string | null; versions: readonly { name: string; problem: string | null }[] },
  version: string | undefined,
): string | undefined {
  if (state.champion && state.champion !== version) {
    return state.champion;
  }
  return state.versions.find(({ name, problem }) => name !== version && !problem)?.name;
}
