// Events, applied to everything in the query cache that they concern.

import type { QueryClient } from "@tanstack/react-query";
import type { Owner } from "../api/client";
import {
  agentsQuery,
  conversationQuery,
  conversationsQuery,
  deadLettersQuery,
  presenceQuery,
  queueQuery,
  sessionQuery,
  typingQuery,
  unreadQuery,
} from "../api/queries";
import { applyToAgents, applyToOpened, applyToPages, applyToQueue, applyToTyping, applyToUnread } from "./apply";
import type { LiveEvent } from "./events";

/** `open` is the conversation that is looked at. */
export function applyToCache(client: QueryClient, event: LiveEvent, open: string | undefined): void {
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
  client.setQueryData(queueQuery.queryKey, (queue) => queue && applyToQueue(queue, event));
  for (const { queryKey } of client.getQueryCache().findAll({ queryKey: ["conversations"] })) {
    const owners = queryKey[1] as Owner[];
    client.setQueryData(conversationsQuery(owners).queryKey, (list) =>
      list ? { ...list, pages: applyToPages(list, event, owners).pages } : list,
    );
  }
  if (event.type === "changed" || event.type === "delivered") {
    const id = event.type === "changed" ? event.summary.conversation.id : event.conversation;
    client.setQueryData(conversationQuery(id).queryKey, (opened) => opened && applyToOpened(opened, event));
  }
  client.setQueryData(unreadQuery.queryKey, (unread) => applyToUnread(unread ?? {}, event, open));
  client.setQueryData(typingQuery.queryKey, (typing) => applyToTyping(typing ?? {}, event, Date.now()));
  if (event.type === "delivered" && event.delivery.state !== "pending") {
    void client.invalidateQueries({ queryKey: deadLettersQuery.queryKey });
  }
}
