// Calls that change canned replies.

import { client, given, OURS, ofConversation } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export const addCanned = (body: Schemas["NewCannedBody"]) =>
  given(client.POST("/api/v1/canned", { params: OURS, body }));
export const changeCanned = (id: string, body: Schemas["CannedChangeBody"]) =>
  given(client.PATCH("/api/v1/canned/{id}", { ...ofConversation(id), body }));
export const removeCanned = (id: string) => given(client.DELETE("/api/v1/canned/{id}", ofConversation(id)));
