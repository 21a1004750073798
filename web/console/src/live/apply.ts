// What an event makes of what was read: pure functions over the values in the query cache.

import type { Agents, Message, Opened, Owner, Page, Queue, Summary } from "../api/client";
import type { LiveEvent } from "./events";

const changedAt = (summary: { conversation: { updated_at: string } }): number =>
  Date.parse(summary.conversation.updated_at);

const idOf = (summary: Summary): string => summary.conversation.id;

/** Known and new entries in their order; one that is told again (an edit) keeps what is known of its delivery. */
export function mergeMessages(known: readonly Message[], fresh: readonly Message[]): Message[] {
  const bySeq = new Map(known.map((message) => [message.seq, message]));
  for (const message of fresh) {
    bySeq.set(message.seq, { ...message, delivery: message.delivery ?? bySeq.get(message.seq)?.delivery ?? null });
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

function isNews(known: readonly Summary[], summary: Summary): boolean {
  const old = known.find((item) => idOf(item) === idOf(summary));
  return old === undefined || changedAt(old) <= changedAt(summary);
}

/** The queue holds whoever waits for a human or is with one, and is not put off. */
export function applyToQueue(queue: Queue, event: LiveEvent): Queue {
  if (event.type !== "changed" || !isNews(queue.items, event.summary)) {
    return queue;
  }
  const { owner } = event.summary.conversation;
  const others = queue.items.filter((item) => idOf(item) !== idOf(event.summary));
  const there = (owner === "queue" || owner === "agent") && !event.summary.conversation.snoozed;
  return { ...queue, items: there ? [...others, event.summary] : others };
}

export interface Pages {
  pages: Page[];
  pageParams: unknown[];
}

/** A list that was read page by page, the latest change first, of conversations with one of `owners`. */
export function applyToPages(list: Pages, event: LiveEvent, owners: readonly Owner[]): Pages {
  const [first, ...rest] = list.pages;
  if (event.type !== "changed" || !first) {
    return list;
  }
  const { summary } = event;
  if (
    !isNews(
      list.pages.flatMap((page) => page.items),
      summary,
    )
  ) {
    return list;
  }
  const without = (page: Page): Page =>
    page.items.some((item) => idOf(item) === idOf(summary))
      ? { ...page, items: page.items.filter((item) => idOf(item) !== idOf(summary)) }
      : page;
  const kept = without(first);
  const belongs = owners.includes(summary.conversation.owner);
  return { ...list, pages: [belongs ? { ...kept, items: [summary, ...kept.items] } : kept, ...rest.map(without)] };
}

/** A conversation with its whole history. */
export function applyToOpened(opened: Opened, event: LiveEvent): Opened {
  switch (event.type) {
    case "changed": {
      const { conversation, handoff } = event.summary;
      if (conversation.id !== opened.conversation.id) {
        return opened;
      }
      const messages = mergeMessages(opened.messages, event.messages);
      return changedAt(event.summary) < changedAt(opened)
        ? { ...opened, messages }
        : { conversation, handoff, messages, customer: conversation.customer };
    }
    case "delivered": {
      if (event.conversation !== opened.conversation.id) {
        return opened;
      }
      const { message, delivery } = event;
      return { ...opened, messages: opened.messages.map((m) => (m.id === message ? { ...m, delivery } : m)) };
    }
    default:
      return opened;
  }
}

/** Conversations in which a customer has said something that was not looked at. */
export type Unread = Readonly<Record<string, true>>;

export function applyToUnread(unread: Unread, event: LiveEvent, open: string | undefined): Unread {
  if (event.type !== "changed" || event.summary.conversation.id === open) {
    return unread;
  }
  return event.messages.some((message) => message.author === "customer")
    ? { ...unread, [event.summary.conversation.id]: true }
    : unread;
}

/** Since when (ms) customers were last seen typing; who has sent what they typed no longer types. */
export type Typing = Readonly<Record<string, number>>;

export function applyToTyping(typing: Typing, event: LiveEvent, now: number): Typing {
  if (event.type === "typing") {
    return { ...typing, [event.conversation]: now };
  }
  if (event.type === "changed" && event.messages.some((message) => message.author === "customer")) {
    const { [event.summary.conversation.id]: _, ...others } = typing;
    return others;
  }
  return typing;
}

/** Agents, of whom one came or went. */
export function applyToAgents(agents: Agents, event: LiveEvent): Agents {
  if (event.type !== "presence") {
    return agents;
  }
  const { agent, state, since } = event;
  return {
    ...agents,
    items: agents.items.map((one) =>
      one.id === agent ? { ...one, presence: { ...one.presence, state, since } } : one,
    ),
  };
}
