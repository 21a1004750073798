// The list of intents: what is searched for, and in which order. Pure.

import type { Summary } from "./calls";

export const SORTS = ["name", "examples", "accuracy", "missing"] as const;
export type Sort = (typeof SORTS)[number];

export interface IntentsSearch {
  q?: string | undefined;
  sort?: Sort | undefined;
  /** Only those that lack something. */
  lacking?: boolean | undefined;
}

export const parseIntentsSearch = (search: Record<string, unknown>): IntentsSearch => ({
  q: typeof search.q === "string" && search.q ? search.q : typeof search.q === "number" ? `${search.q}` : undefined,
  sort: SORTS.find((sort) => sort === search.sort && sort !== "name"),
  lacking: search.lacking === true ? true : undefined,
});

/** How much an intent lacks: languages without examples, or without replies. */
export const lacks = (intent: Summary): number => intent.untaught.length + intent.unsaid.length;

const ORDERS: Record<Sort, (one: Summary, other: Summary) => number> = {
  name: (one, other) => one.name.localeCompare(other.name, "en"),
  examples: (one, other) => one.total - other.total,
  // What was never measured comes last.
  accuracy: (one, other) => (one.accuracy?.accuracy ?? 2) - (other.accuracy?.accuracy ?? 2),
  missing: (one, other) => lacks(other) - lacks(one),
};

/** The intents whose name or meaning has every word that is searched for. */
export function listed(intents: readonly Summary[], { q = "", sort = "name", lacking }: IntentsSearch): Summary[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return intents
    .filter((intent) => !lacking || lacks(intent) > 0)
    .filter((intent) => {
      const text = `${intent.name} ${intent.name.replaceAll("_", " ")} ${intent.means}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((one, other) => ORDERS[sort](one, other) || ORDERS.name(one, other));
}
