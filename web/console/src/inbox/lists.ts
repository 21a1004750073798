// The inbox's lists: who is in them, and in which order.

import type { Account, Owner, Summary } from "../api/client";

export const TABS = ["waiting", "mine", "bot", "all"] as const;
export type Tab = (typeof TABS)[number];

/** What the address says of the inbox, so that a list can be shared as a link and survives a reload. */
export interface InboxSearch {
  tab?: Tab;
}

export function parseInboxSearch(search: Record<string, unknown>): InboxSearch {
  const tab = TABS.find((name) => name === search.tab);
  return tab ? { tab } : {};
}

/** Whose conversations are read page by page; the other lists are parts of the queue, which is read whole. */
export const OWNERS: Partial<Record<Tab, readonly Owner[]>> = {
  bot: ["bot"],
  all: ["bot", "queue", "agent", "closed"],
};

export function inTab(summary: Summary, tab: Tab, me: Account): boolean {
  const { owner, agent } = summary.conversation;
  switch (tab) {
    case "waiting":
      return owner === "queue";
    case "mine":
      return owner === "agent" && agent?.id === me.id;
    case "bot":
      return owner === "bot";
    case "all":
      return true;
  }
}

export const since = (summary: Summary): string => summary.handoff?.opened_at ?? summary.conversation.updated_at;

/** Of those who wait, the urgent ones and then the longest waiting first; everything else by its latest change. */
export function ordered(summaries: readonly Summary[], tab: Tab): Summary[] {
  return summaries.toSorted((a, b) =>
    tab === "waiting"
      ? Number(b.handoff?.urgent ?? false) - Number(a.handoff?.urgent ?? false) || since(a).localeCompare(since(b))
      : b.conversation.updated_at.localeCompare(a.conversation.updated_at),
  );
}

/** One of each conversation: while pages are read, one may move from a later page to an earlier one. */
export function distinct(summaries: readonly Summary[]): Summary[] {
  const byId = new Map<string, Summary>();
  for (const summary of summaries) {
    const known = byId.get(summary.conversation.id);
    if (!known || known.conversation.updated_at < summary.conversation.updated_at) {
      byId.set(summary.conversation.id, summary);
    }
  }
  return [...byId.values()];
}

/** The neighbour, `by` places further, of the one that is open; with none open, the first. */
export function neighbour(items: readonly Summary[], open: string | undefined, by: number): string | undefined {
  const at = items.findIndex((summary) => summary.conversation.id === open);
  const wanted = at < 0 ? 0 : Math.max(0, Math.min(items.length - 1, at + by));
  return items[wanted]?.conversation.id;
}
