// The inbox's lists: who is in them, and in which order. As the server has it (`bot/inbox_values.py`), so that what an
// event tells is put where the next page read would have it.

import type { Conversation, InboxItem, Summary } from "../api/client";

export const VIEWS = ["unassigned", "mine", "waiting_for_customer", "bot", "closed", "all"] as const;
export type View = (typeof VIEWS)[number];

export const SORTS = ["waiting", "latest"] as const;
export type Sort = (typeof SORTS)[number];

export const FILTERS = ["channel", "language", "intent", "sentiment", "tag"] as const;
export type Filter = (typeof FILTERS)[number];

/** Of each kind any of these values. */
export type Filters = Partial<Record<Filter, string[]>>;

/** What the address says of the inbox, so that a list can be shared as a link and survives a reload. */
export interface InboxSearch extends Partial<Record<Filter, string>> {
  view?: View;
  sort?: Sort;
  /** What is searched for. */
  q?: string;
  /** The entry at which the conversation is opened. */
  at?: number;
}

/** A list as it is read: `me` is whose `mine` it is. */
export interface Listed {
  view: View;
  sort: Sort;
  filters: Filters;
  me: string;
}

export function parseInboxSearch(search: Record<string, unknown>): InboxSearch {
  const parsed: InboxSearch = {};
  const view = VIEWS.find((name) => name === search.view);
  const sort = SORTS.find((name) => name === search.sort);
  if (view) {
    parsed.view = view;
  }
  if (sort) {
    parsed.sort = sort;
  }
  for (const name of [...FILTERS, "q"] as const) {
    const value = search[name];
    if ((typeof value === "string" || typeof value === "number") && value !== "") {
      parsed[name] = String(value);
    }
  }
  if (typeof search.at === "number" && Number.isSafeInteger(search.at)) {
    parsed.at = search.at;
  }
  return parsed;
}

/** Whoever waits longest comes first where people wait; elsewhere what has changed last. */
export const sortOf = (view: View): Sort => (view === "unassigned" || view === "mine" ? "waiting" : "latest");

export function listedBy(search: InboxSearch, me: string): Listed {
  const view = search.view ?? "unassigned";
  return { view, sort: search.sort ?? sortOf(view), filters: filtersOf(search), me };
}

export function filtersOf(search: InboxSearch): Filters {
  const filters: Filters = {};
  for (const name of FILTERS) {
    const values = search[name]?.split(",").filter(Boolean) ?? [];
    if (values.length > 0) {
      filters[name] = values;
    }
  }
  return filters;
}

/** Filters as the server and the address take them. */
export function joined(filters: Filters): Partial<Record<Filter, string>> {
  return Object.fromEntries(
    FILTERS.flatMap((name) => (filters[name]?.length ? [[name, filters[name].join(",")]] : [])),
  );
}

const IDLE = 2;
const SNOOZED = 3;

function rank({ snoozed, waiting_since, urgent }: Conversation): number {
  if (snoozed) {
    return SNOOZED;
  }
  return waiting_since ? Number(!urgent) : IDLE;
}

/** Since when somebody waits, or the last change if they do not. */
export const since = ({ conversation }: Summary): string =>
  (conversation.snoozed ? null : conversation.waiting_since) ?? conversation.updated_at;

/** Negative if `a` comes before `b`. */
export function compare(a: Summary, b: Summary, sort: Sort): number {
  const [one, other] = [a.conversation, b.conversation];
  if (sort === "latest") {
    return Date.parse(other.updated_at) - Date.parse(one.updated_at) || (one.id < other.id ? 1 : -1);
  }
  return rank(one) - rank(other) || Date.parse(since(a)) - Date.parse(since(b)) || (one.id < other.id ? -1 : 1);
}

function inView(conversation: Conversation, view: View, me: string): boolean {
  const { owner, agent, snoozed } = conversation;
  switch (view) {
    case "unassigned":
      return owner === "queue" && !snoozed;
    case "mine":
      return owner === "agent" && agent?.id === me;
    case "waiting_for_customer":
      return owner === "agent" && rank(conversation) === IDLE;
    case "bot":
    case "closed":
      return owner === view;
    case "all":
      return true;
  }
}

/** Whether a conversation belongs to a list. */
export function belongs({ conversation, tags }: InboxItem, { view, filters, me }: Listed): boolean {
  const values: Record<Filter, (string | null)[]> = {
    channel: [conversation.channel],
    language: [conversation.language],
    intent: [conversation.intent],
    sentiment: [conversation.sentiment],
    tag: tags,
  };
  return (
    inView(conversation, view, me) &&
    FILTERS.every((name) => {
      const wanted = filters[name];
      return !wanted || values[name].some((value) => value !== null && wanted.includes(value));
    })
  );
}

/** One of each conversation: while pages are read, one may move from a later page to an earlier one. */
export function distinct<T extends Summary>(summaries: readonly T[]): T[] {
  const byId = new Map<string, T>();
  for (const summary of summaries) {
    const known = byId.get(summary.conversation.id);
    if (!known || Date.parse(known.conversation.updated_at) < Date.parse(summary.conversation.updated_at)) {
      byId.set(summary.conversation.id, summary);
    }
  }
  return [...byId.values()];
}

/** The neighbour, `by` places further, of the one that is open; with none open, the first. */
export function neighbour<T extends { conversation: { id: string } }>(
  items: readonly T[],
  open: string | undefined,
  by: number,
): T | undefined {
  const at = items.findIndex((summary) => summary.conversation.id === open);
  return items[at < 0 ? 0 : Math.max(0, Math.min(items.length - 1, at + by))];
}
