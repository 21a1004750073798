import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, given, OURS, type Schemas } from "../api/client";

export type ChannelPreview = Schemas["ChannelPreview"];
export type Notice = Schemas["NoticeView"];

export interface Said {
  /** As the pack has it, with placeholders. */
  text: string;
  /** The labels below it. */
  buttons: readonly string[];
}

export const previewQuery = (said: Said) =>
  queryOptions({
    queryKey: ["preview", said.text, said.buttons],
    queryFn: () =>
      given(client.POST("/api/v1/preview", { params: OURS, body: { text: said.text, buttons: [...said.buttons] } })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
