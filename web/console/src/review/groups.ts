// The groups on the page, what is selected of them, and what is left when something was decided. Pure.

import type { Doubt, DoubtGroup, Review } from "../api/client";

/** Groups on a page. */
export const PAGE = 20;
/** Of them the server reads no more. */
const MOST_READ = 2_000;

export interface ReviewSearch {
  language?: string | undefined;
  channel?: string | undefined;
  /** From 1. */
  page?: number | undefined;
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

export function parseReviewSearch(search: Record<string, unknown>): ReviewSearch {
  const page = Number(search.page);
  return {
    language: text(search.language),
    channel: text(search.channel),
    page: Number.isInteger(page) && page > 1 && (page - 1) * PAGE <= MOST_READ ? page : undefined,
  };
}

/** A group, or one message of it; `at` is where the group stood, for when it is gone. */
export interface Selection {
  group: string;
  message?: string | undefined;
  at: number;
}

/** What is selected, as it is now. */
export interface Selected {
  group: DoubtGroup;
  message: Doubt | undefined;
  at: number;
}

/** What the selection is of now: a group that is gone has left its place to the next one. */
export function selected(groups: readonly DoubtGroup[], selection: Selection | undefined): Selected | undefined {
  // Grouped anew, what was one group may bear the name of another of its messages.
  const one = selection?.message ?? selection?.group ?? "";
  const found = groups.findIndex((group) => group.ids.includes(one) || group.id === selection?.group);
  const at = found >= 0 ? found : Math.min(selection?.at ?? 0, groups.length - 1);
  const group = groups[at];
  return group && { group, message: group.messages.find((doubt) => doubt.message === selection?.message), at };
}

/** Whether a group's messages are shown one by one; `opened` are the messages of those that are. */
export const isOpen = (group: DoubtGroup, opened: ReadonlySet<string>): boolean =>
  group.count > 1 && group.ids.some((id) => opened.has(id));

/** All that can be selected, from top to bottom. */
export function stops(groups: readonly DoubtGroup[], opened: ReadonlySet<string>): Selection[] {
  return groups.flatMap((group, at) => [
    { group: group.id, at },
    ...(isOpen(group, opened) ? group.messages.map(({ message }) => ({ group: group.id, message, at })) : []),
  ]);
}

/** The selection `by` places further. */
export function moved(
  groups: readonly DoubtGroup[],
  opened: ReadonlySet<string>,
  selection: Selection | undefined,
  by: number,
): Selection | undefined {
  const all = stops(groups, opened);
  const now = selected(groups, selection);
  const at = all.findIndex((one) => one.group === now?.group.id && one.message === now?.message?.message);
  return all[Math.max(0, Math.min(all.length - 1, at + by))];
}

/** What is selected when something was decided: the message after it, or what comes to stand where the group stood. */
export function after({ group, message, at }: Selected): Selection {
  const place = group.messages.findIndex((one) => one.message === message?.message);
  const next = message && (group.messages[place + 1] ?? group.messages[place - 1]);
  return { group: group.id, message: next?.message, at };
}

/** The page without some messages, until the server has grouped the rest anew. */
export function without(review: Review, decided: readonly string[]): Review {
  const gone = new Set(decided);
  const groups = review.groups
    .map((group) => {
      const ids = group.ids.filter((id) => !gone.has(id));
      return { ...group, ids, count: ids.length, messages: group.messages.filter((one) => !gone.has(one.message)) };
    })
    .filter((group) => group.count > 0);
  const left = review.groups.reduce((sum, group) => sum + group.ids.filter((id) => gone.has(id)).length, 0);
  return {
    ...review,
    groups,
    total: review.total - (review.groups.length - groups.length),
    open: review.open - left,
    grouped: review.grouped - left,
  };
}

/** How often each thing there is, the most frequent first. */
export function tallied(things: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const thing of things) {
    counts.set(thing, (counts.get(thing) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}
