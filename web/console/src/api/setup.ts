// Calls about how the desk is set up: channels and settings.

import { queryOptions } from "@tanstack/react-query";
import { client, given, OURS } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type ChannelState = Schemas["ChannelView"];
export type Setting = Schemas["SettingView"];
export type Test = Schemas["TestView"];

/** Milliseconds. */
const REFRESH = 10_000;
const SOON = 800;

export const sendTest = (name: string, body: Schemas["TestBody"]) =>
  given(client.POST("/api/v1/channels/{name}/test", { params: { ...OURS, path: { name } }, body }));

export const channelsQuery = queryOptions({
  queryKey: ["channels"],
  queryFn: () => given(client.GET("/api/v1/channels")),
  refetchInterval: REFRESH,
});

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: () => given(client.GET("/api/v1/settings")),
});

/** Read again and again until it is known what became of the message. */
export const outcomeQuery = (message: string) =>
  queryOptions({
    queryKey: ["test", message],
    queryFn: () =>
      given(client.GET("/api/v1/channels/tests/{message}", { params: { path: { message } } })).then(
        ({ delivery }) => delivery,
      ),
    refetchInterval: ({ state }) => (state.data && state.data.state !== "pending" ? false : SOON),
    staleTime: 0,
  });
