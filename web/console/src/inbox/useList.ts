// One of the inbox's lists, as it stands in the query cache.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { InboxItem } from "../api/client";
import { countsQuery, inboxQuery } from "../api/queries";
import { distinct, type Listed, type View } from "./lists";

export interface List {
  items: InboxItem[];
  /** How many there are in each view under the same filters. */
  counts: Partial<Record<View, number>>;
  pending: boolean;
  error: unknown;
  retry: () => void;
  /** Reads the next page, if there is one that is not being read. */
  more: () => void;
}

export function useList(listed: Listed): List {
  const pages = useInfiniteQuery(inboxQuery(listed));
  const { data: counts = {} } = useQuery(countsQuery(listed.filters));
  const items = useMemo(() => distinct(pages.data?.pages.flatMap((page) => page.items) ?? []), [pages.data]);
  return {
    items,
    counts,
    pending: pages.isPending,
    error: pages.data === undefined ? pages.error : null,
    retry: () => void pages.refetch(),
    more: () => {
      if (pages.hasNextPage && !pages.isFetching) {
        void pages.fetchNextPage();
      }
    },
  };
}
