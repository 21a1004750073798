// Calls about the working hours, which are a part of the pack.

import { queryOptions } from "@tanstack/react-query";
import { client, given, OURS } from "./client";
import type { components } from "./schema";

export type Hours = components["schemas"]["HoursView"];

/** The hours, and the tag of this state of them. */
export const hoursQuery = queryOptions({
  queryKey: ["hours"],
  queryFn: async () => {
    const { data, response } = await client.GET("/api/v1/hours");
    return { hours: data as Hours, tag: response.headers.get("ETag") ?? "*" };
  },
  staleTime: 0,
  refetchInterval: 60_000,
});

/** Refused with 412 if the hours are no longer in the state of `tag`. */
export const putHours = (tag: string, body: components["schemas"]["HoursBody"]) =>
  given(client.PUT("/api/v1/hours", { params: { header: { ...OURS.header, "If-Match": tag } }, body }));
