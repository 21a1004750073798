// Calls about customers as people, and about the notes that call one.

import { queryOptions } from "@tanstack/react-query";
import { applyToMentions } from "../live/apply";
import { readMeanwhile } from "../live/events";
import { client, given, OURS, ofConversation, type PresenceState } from "./client";

export const people = {
  find: (q: string) => given(client.GET("/api/v1/customers", { params: { query: { q, limit: 20 } } })),
  merge: (kept: string, customer: string) =>
    given(client.POST("/api/v1/customers/{id}/merge", { ...ofConversation(kept), body: { customer } })),
  undoMerge: (merge: string) =>
    given(client.POST("/api/v1/merges/{merge}/undo", { params: { ...OURS, path: { merge } } })),
};

/** Sets somebody else's presence. */
export const setPresenceOf = (agent: string, state: PresenceState) =>
  given(client.POST("/api/v1/agents/{id}/presence", { ...ofConversation(agent), body: { state } }));

export const mentions = {
  read: () => given(client.GET("/api/v1/mentions", { params: { query: { limit: 50 } } })),
  /** One has seen those in a conversation, or all. */
  seen: (conversation: string | null) =>
    given(client.POST("/api/v1/mentions/seen", { params: OURS, body: { conversation } })),
};

/** Marks what is read up to an entry; the mark may also go back. */
export const markRead = (id: string, seq: number) =>
  given(client.POST("/api/v1/conversations/{id}/read", { ...ofConversation(id), body: { seq, back: true } }));

export const mentionsQuery = queryOptions({
  queryKey: ["mentions"],
  queryFn: () => readMeanwhile(mentions.read, applyToMentions),
});
export const foundCustomersQuery = (q: string) =>
  queryOptions({ queryKey: ["customers", q], queryFn: () => people.find(q), staleTime: 0 });
