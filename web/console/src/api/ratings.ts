// What customers said in words about how it was.

import { queryOptions } from "@tanstack/react-query";
import { client, type FiguresQuery, given } from "./client";

/** As many as the page shows. */
const MOST = 50;

export const commentsQuery = (wanted: FiguresQuery) =>
  queryOptions({
    queryKey: ["comments", wanted],
    queryFn: () => given(client.GET("/api/v1/figures/comments", { params: { query: { ...wanted, limit: MOST } } })),
  });
