// Where in the studio somebody is, as the address tells it. Pure.

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value ? value : typeof value === "number" ? `${value}` : undefined;

export interface IntentSearch {
  language?: string | undefined;
  /** An example to be pointed out. */
  example?: string | undefined;
}

const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z]{2,4})?$/;

export const parseIntentSearch = (search: Record<string, unknown>): IntentSearch => ({
  language: LANGUAGE.test(text(search.language) ?? "") ? text(search.language) : undefined,
  example: text(search.example),
});

export interface NewSearch {
  name?: string | undefined;
}

export const parseNewSearch = (search: Record<string, unknown>): NewSearch => ({ name: text(search.name) });

export interface HistorySearch {
  /** The revision that is opened. */
  revision?: number | undefined;
}

export const parseHistorySearch = (search: Record<string, unknown>): HistorySearch => {
  const revision = Number(search.revision);
  return { revision: Number.isInteger(revision) && revision > 0 ? revision : undefined };
};

export interface BenchSearch {
  text?: string | undefined;
}

export const parseBenchSearch = (search: Record<string, unknown>): BenchSearch => ({ text: text(search.text) });
