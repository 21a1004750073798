// One of the inbox's lists, as it stands in the query cache.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Summary } from "../api/client";
import { conversationsQuery, queueQuery } from "../api/queries";
import { useSession } from "../app/session";
import { distinct, inTab, OWNERS, ordered, type Tab } from "./lists";

export interface List {
  items: Summary[];
  counts: Partial<Record<Tab, number>>;
  pending: boolean;
  error: unknown;
  retry: () => void;
  /** Reads the next page, if there is one that is not being read. */
  more: () => void;
}

export function useList(tab: Tab): List {
  const { me } = useSession();
  const owners = OWNERS[tab];
  const queue = useQuery(queueQuery);
  const pages = useInfiniteQuery({ ...conversationsQuery(owners ?? []), enabled: owners !== undefined });
  const read = owners ? pages : queue;

  const items = useMemo(() => {
    const known = owners ? (pages.data?.pages.flatMap((page) => page.items) ?? []) : (queue.data?.items ?? []);
    return ordered(
      distinct(known).filter((summary) => inTab(summary, tab, me)),
      tab,
    );
  }, [owners, pages.data, queue.data, tab, me]);

  const counts = useMemo(() => {
    const count = (of: Tab): number => queue.data?.items.filter((summary) => inTab(summary, of, me)).length ?? 0;
    return { waiting: count("waiting"), mine: count("mine") };
  }, [queue.data, me]);

  return {
    items,
    counts,
    pending: read.isPending,
    error: read.data === undefined ? read.error : null,
    retry: () => void read.refetch(),
    more: () => {
      if (owners && pages.hasNextPage && !pages.isFetching) {
        void pages.fetchNextPage();
      }
    },
  };
}
