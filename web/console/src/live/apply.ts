// What an event makes of what was read: pure functions over the values in the query cache.

import type { Agents, InboxItem, InboxPage, Mentions, Message, Opened, Summary } from "../api/client";
import { belongs, compare, type Listed } from "../inbox/lists.ts";
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

/** What an event makes of a conversation in somebody's list. */
export function applyToItem(item: InboxItem, event: LiveEvent): InboxItem {
  switch (event.type) {
    case "changed": {
      if (idOf(item) !== idOf(event.summary) || !isNews([item], event.summary)) {
        return item;
      }
      const known = Math.max(item.conversation.seq, item.read);
      return { ...item, ...event.summary, unread: item.unread + saidAfter(event.messages, known) };
    }
    case "read":
      return idOf(item) === event.conversation
        ? { ...item, read: event.seq, unread: event.seq >= item.conversation.seq ? 0 : item.unread }
        : item;
    case "tagged":
      return idOf(item) === event.conversation ? { ...item, tags: event.tags } : item;
    default:
      return item;
  }
}

/** How many entries of the customer come after one. */
const saidAfter = (messages: readonly Message[], seq: number): number =>
  messages.filter((message) => message.author === "customer" && !message.internal && message.seq > seq).length;

export interface Pages {
  pages: InboxPage[];
  pageParams: unknown[];
}

/** A list that was read page by page; `known` is what another list has of a conversation that may come into this one. */
export function applyToPages(list: Pages, event: LiveEvent, listed: Listed, known?: InboxItem): Pages {
  if (event.type !== "changed" && event.type !== "read" && event.type !== "tagged") {
    return list;
  }
  const id = event.type === "changed" ? idOf(event.summary) : event.conversation;
  const here = list.pages.flatMap((page) => page.items).find((item) => idOf(item) === id);
  const old = here ?? known;
  let fresh: InboxItem;
  if (old) {
    fresh = applyToItem(old, event);
    if (fresh === old && here) {
      return list;
    }
  } else if (event.type === "changed") {
    fresh = { ...event.summary, read: 0, unread: saidAfter(event.messages, 0), tags: [] };
  } else {
    return list;
  }
  if (here && event.type === "read") {
    const read = (page: InboxPage): InboxPage => ({
      ...page,
      items: page.items.map((item) => (item === here ? fresh : item)),
    });
    return { ...list, pages: list.pages.map((page) => (page.items.includes(here) ? read(page) : page)) };
  }
  const without = (page: InboxPage): InboxPage =>
    page.items.some((item) => idOf(item) === id)
      ? { ...page, items: page.items.filter((item) => idOf(item) !== id) }
      : page;
  const pages = list.pages.map(without);
  if (!belongs(fresh, listed)) {
    return { ...list, pages };
  }
  for (const [index, page] of pages.entries()) {
    const at = page.items.findIndex((item) => compare(fresh, item, listed.sort) < 0);
    // At the end of what was read it only belongs if nothing more is to be read.
    if (at >= 0 || (index === pages.length - 1 && page.next === null)) {
      const items = page.items.toSpliced(at >= 0 ? at : page.items.length, 0, fresh);
      return { ...list, pages: pages.with(index, { ...page, items }) };
    }
  }
  return { ...list, pages };
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

/** Notes that call one: unseen ones stand first, the latest first. */
export function applyToMentions(mentions: Mentions, event: LiveEvent): Mentions {
  const { items, unseen } = mentions;
  if (event.type === "mentioned") {
    const { conversation, seq } = event.mention;
    const known = items.some((one) => one.conversation === conversation && one.seq === seq);
    return known ? mentions : { items: [event.mention, ...items], unseen: unseen + 1 };
  }
  if (event.type === "mentions_seen") {
    const seen = items.map((one) =>
      event.conversation === null || one.conversation === event.conversation ? { ...one, seen: true } : one,
    );
    const changed = seen.filter((one, index) => one.seen !== items[index]?.seen).length;
    // Of more than were read, it is not known whose they are.
    return { items: seen, unseen: event.conversation === null ? 0 : Math.max(0, unseen - changed) };
  }
  return mentions;
}
