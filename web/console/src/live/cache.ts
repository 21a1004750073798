// Events, applied to everything in the query cache that they concern.

import type { QueryClient } from "@tanstack/react-query";
import { mentionsQuery } from "../api/people";
import {
  agentsQuery,
  conversationQuery,
  deadLettersQuery,
  inboxQuery,
  presenceQuery,
  sessionQuery,
  tagsOfQuery,
  tagsQuery,
  typingQuery,
} from "../api/queries";
import type { Listed } from "../inbox/lists";
import { applyToAgents, applyToMentions, applyToOpened, applyToPages, applyToTyping } from "./apply";
import type { LiveEvent } from "./events";

/** Milliseconds in which changes are waited for before what they have changed is counted again. */
const COUNTED = 400;

const counting = new Set<QueryClient>();
/** Where lists by tag are to be read again: of a conversation that no list has, the tags are not known. */
const doubtful = new Set<QueryClient>();

function countAgain(client: QueryClient): void {
  if (!counting.has(client)) {
    counting.add(client);
    setTimeout(() => {
      counting.delete(client);
      void client.invalidateQueries({ queryKey: ["counts"] });
      if (doubtful.delete(client)) {
        void client.invalidateQueries({
          queryKey: ["inbox"],
          predicate: ({ queryKey }) => (queryKey[1] as Listed).filters.tag !== undefined,
        });
      }
    }, COUNTED);
  }
}

function applyToLists(client: QueryClient, event: LiveEvent): void {
  const lists = client
    .getQueryCache()
    .findAll({ queryKey: ["inbox"] })
    .map(({ queryKey }) => inboxQuery(queryKey[1] as Listed).queryKey);
  const id = event.type === "changed" ? event.summary.conversation.id : "conversation" in event && event.conversation;
  const known = lists
    .flatMap((key) => client.getQueryData(key)?.pages.flatMap((page) => page.items) ?? [])
    .find((item) => item.conversation.id === id);
  for (const key of lists) {
    client.setQueryData(key, (list) =>
      list ? { ...list, pages: applyToPages(list, event, key[1] as Listed, known).pages } : list,
    );
  }
  if (event.type === "changed" || event.type === "tagged") {
    if (!known) {
      doubtful.add(client);
    }
    countAgain(client);
  }
  if (event.type === "read" && known && event.seq < known.conversation.seq) {
    // How many entries come after the mark, only the server knows.
    void client.invalidateQueries({ queryKey: ["inbox"] });
  }
}

export function applyToCache(client: QueryClient, event: LiveEvent): void {
  if (event.type === "reload") {
    void client.invalidateQueries();
    return;
  }
  if (event.type === "presence") {
    client.setQueryData(agentsQuery.queryKey, (agents) => agents && applyToAgents(agents, event));
    if (event.agent === client.getQueryData(sessionQuery.queryKey)?.id) {
      // What they have chosen may have changed too, which the event does not tell.
      void client.invalidateQueries({ queryKey: presenceQuery.queryKey });
    }
    return;
  }
  if (event.type === "mentioned" || event.type === "mentions_seen") {
    client.setQueryData(mentionsQuery.queryKey, (mentions) => mentions && applyToMentions(mentions, event));
    return;
  }
  applyToLists(client, event);
  if (event.type === "changed" || event.type === "delivered") {
    const id = event.type === "changed" ? event.summary.conversation.id : event.conversation;
    client.setQueryData(conversationQuery(id).queryKey, (opened) => opened && applyToOpened(opened, event));
  }
  if (event.type === "tagged") {
    client.setQueryData(tagsOfQuery(event.conversation).queryKey, { tags: event.tags });
    void client.invalidateQueries({ queryKey: tagsQuery.queryKey });
  }
  client.setQueryData(typingQuery.queryKey, (typing) => applyToTyping(typing ?? {}, event, Date.now()));
  if (event.type === "delivered" && event.delivery.state !== "pending") {
    void client.invalidateQueries({ queryKey: deadLettersQuery.queryKey });
  }
}
