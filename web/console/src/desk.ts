// The state of the inbox: summaries and histories, kept up to date by what happens.

import { useCallback, useEffect, useReducer } from "react";
import { type Account, ApiError, api, type Message, type Opened, type Summary } from "./api";
import { type LiveEvent, useLive } from "./live";

export type Tab = "waiting" | "mine" | "bot" | "all";

export interface DeskState {
  summaries: Record<string, Summary>;
  histories: Record<string, Message[]>;
  typing: Record<string, number>;
  unread: Record<string, boolean>;
}

type Change =
  | { kind: "summaries"; items: Summary[] }
  | { kind: "queue"; items: Summary[]; now: string }
  | { kind: "opened"; opened: Opened }
  | { kind: "changed"; summary: Summary; messages: Message[]; open: string | undefined }
  | { kind: "typing"; conversation: string; at: number }
  | { kind: "delivered"; conversation: string; message: string; delivery: Message["delivery"] }
  | { kind: "read"; conversation: string };

export function mergeMessages(known: Message[], fresh: Message[]): Message[] {
  const bySeq = new Map(known.map((m) => [m.seq, m]));
  for (const message of fresh) {
    // An entry that is told again (an edit) keeps what is known of its delivery.
    const old = bySeq.get(message.seq);
    bySeq.set(message.seq, { ...message, delivery: message.delivery ?? old?.delivery ?? null });
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

const changedAt = (summary: Summary): number => Date.parse(summary.conversation.updated_at);

/** What was read may be older than what the socket has told meanwhile. */
function merged(known: Record<string, Summary>, items: Summary[]): Record<string, Summary> {
  const summaries = { ...known };
  for (const item of items) {
    const { id } = item.conversation;
    const old = summaries[id];
    if (!old || changedAt(old) <= changedAt(item)) {
      summaries[id] = item;
    }
  }
  return summaries;
}

/** Those who neither waited nor were with an agent when the queue was read: their end was missed. */
function withoutLeft(known: Record<string, Summary>, items: Summary[], now: string): Record<string, Summary> {
  const present = new Set(items.map((item) => item.conversation.id));
  const stays = (summary: Summary): boolean =>
    !["queue", "agent"].includes(summary.conversation.owner) ||
    present.has(summary.conversation.id) ||
    changedAt(summary) >= Date.parse(now);
  return Object.fromEntries(Object.entries(known).filter(([, summary]) => stays(summary)));
}

function reduce(state: DeskState, change: Change): DeskState {
  switch (change.kind) {
    case "summaries":
      return { ...state, summaries: merged(state.summaries, change.items) };
    case "queue":
      return {
        ...state,
        summaries: merged(withoutLeft(state.summaries, change.items, change.now), change.items),
      };
    case "opened": {
      const { conversation, messages, handoff } = change.opened;
      const history = mergeMessages(state.histories[conversation.id] ?? [], messages);
      const last = history.filter((m) => !m.internal).at(-1) ?? null;
      return {
        ...state,
        histories: { ...state.histories, [conversation.id]: history },
        summaries: merged(state.summaries, [{ conversation, last, handoff }]),
      };
    }
    case "changed": {
      const { id } = change.summary.conversation;
      const known = state.histories[id];
      const said = change.messages.some((m) => m.author === "customer");
      const typing = { ...state.typing };
      if (said) {
        delete typing[id];
      }
      return {
        summaries: { ...state.summaries, [id]: change.summary },
        histories: known ? { ...state.histories, [id]: mergeMessages(known, change.messages) } : state.histories,
        typing,
        unread: said && change.open !== id ? { ...state.unread, [id]: true } : state.unread,
      };
    }
    case "typing":
      return { ...state, typing: { ...state.typing, [change.conversation]: change.at } };
    case "delivered": {
      const history = state.histories[change.conversation];
      if (!history) {
        return state;
      }
      const updated = history.map((m) => (m.id === change.message ? { ...m, delivery: change.delivery } : m));
      return { ...state, histories: { ...state.histories, [change.conversation]: updated } };
    }
    case "read":
      return { ...state, unread: { ...state.unread, [change.conversation]: false } };
  }
}

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

/** Of those who wait, the urgent ones and then the longest waiting first; everything else by its latest change. */
export function ordered(summaries: Summary[], tab: Tab): Summary[] {
  const since = (s: Summary): string => s.handoff?.opened_at ?? s.conversation.updated_at;
  return summaries.toSorted((a, b) =>
    tab === "waiting"
      ? Number(b.handoff?.urgent ?? false) - Number(a.handoff?.urgent ?? false) || since(a).localeCompare(since(b))
      : b.conversation.updated_at.localeCompare(a.conversation.updated_at),
  );
}

export interface Desk {
  state: DeskState;
  online: boolean;
  load: (tab: Tab, before?: string) => Promise<string | null>;
  openConversation: (id: string) => Promise<void>;
  markRead: (id: string) => void;
}

export function useDesk(
  open: string | undefined,
  tab: Tab,
  signedOut: () => void,
  heard: (event: LiveEvent) => void,
): Desk {
  const [state, dispatch] = useReducer(reduce, { summaries: {}, histories: {}, typing: {}, unread: {} });

  const guard = useCallback(
    async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) {
          signedOut();
        }
        throw error;
      }
    },
    [signedOut],
  );

  const load = useCallback(
    async (tab: Tab, before?: string): Promise<string | null> => {
      if (tab === "waiting" || tab === "mine") {
        dispatch({ kind: "queue", ...(await guard(api.queue())) });
        return null;
      }
      const page = await guard(api.list(tab === "bot" ? "bot" : "bot,queue,agent,closed", before));
      dispatch({ kind: "summaries", items: page.items });
      return page.next;
    },
    [guard],
  );

  const openConversation = useCallback(
    async (id: string): Promise<void> => {
      let after = 0;
      for (;;) {
        const opened = await guard(api.open(id, after));
        dispatch({ kind: "opened", opened });
        const last = opened.messages.at(-1)?.seq ?? after;
        if (opened.messages.length === 0 || last >= opened.conversation.seq) {
          return;
        }
        after = last;
      }
    },
    [guard],
  );

  const markRead = useCallback((id: string) => dispatch({ kind: "read", conversation: id }), []);

  const online = useLive((event) => {
    switch (event.type) {
      case "changed":
        dispatch({ kind: "changed", summary: event.summary, messages: event.messages, open });
        break;
      case "typing":
        dispatch({ kind: "typing", conversation: event.conversation, at: Date.now() });
        break;
      case "delivered":
        dispatch({ kind: "delivered", ...event });
        break;
      case "reload":
        for (const wanted of new Set<Tab>(["waiting", tab])) {
          load(wanted).catch(() => undefined);
        }
        if (open) {
          openConversation(open).catch(() => undefined);
        }
        break;
      case "hello":
        break;
    }
    heard(event);
  }, signedOut);

  useEffect(() => {
    void load("waiting").catch(() => undefined);
  }, [load]);

  return { state, online, load, openConversation, markRead };
}
