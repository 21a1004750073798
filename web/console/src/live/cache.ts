// Events, applied to everything in the query cache that they concern.

import type { QueryClient } from "@tanstack/react-query";
import type { Owner } from "../api/client";
import {
  conversationQuery,
  conversationsQuery,
  deadLettersQuery,
  queueQuery,
  typingQuery,
  unreadQuery,
} from "../api/queries";
import { applyToOpened, applyToPages, applyToQueue, applyToTyping, applyToUnread } from "./apply";
import type { LiveEvent } from "./events";

/** `open` is the conversation that is looked at. */
export function applyToCache(client: QueryClient, event: LiveEvent, open: string | undefined): void {
  if (event.type === "reload") {
    void client.invalidateQueries();
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
