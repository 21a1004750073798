// The inbox's list as the address names it, and how to have another.

import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useSession } from "../app/session";
import {
  FILTERS,
  type Filters,
  type InboxSearch,
  joined,
  type Listed,
  listedBy,
  type Sort,
  sortOf,
  type View,
} from "./lists";

export function useInboxAddress() {
  const search = useSearch({ from: "/inbox" });
  const { id } = useParams({ strict: false });
  const { me } = useSession();
  const navigate = useNavigate();
  // The entry that is looked at makes no other list.
  const key = JSON.stringify(listedBy(search, me.id));
  const listed = useMemo(() => JSON.parse(key) as Listed, [key]);
  const go = (change: (search: InboxSearch) => InboxSearch, replace = false): void => {
    void navigate({ to: ".", search: change(search), replace });
  };
  return {
    open: id,
    at: search.at,
    q: search.q ?? "",
    listed,
    filters: listed.filters,
    view: (view: View) => go(({ view: _, ...others }) => (view === "unassigned" ? others : { ...others, view })),
    sort: (sort: Sort) =>
      go(({ sort: _, ...others }) => (sort === sortOf(search.view ?? "unassigned") ? others : { ...others, sort })),
    filter: (filters: Filters) =>
      go((before) => {
        const others = { ...before };
        for (const name of FILTERS) {
          delete others[name];
        }
        return { ...others, ...joined(filters) };
      }),
    find: (q: string) => go(({ q: _, at: __, ...others }) => (q ? { ...others, q } : others), true),
    show: (conversation: string, at?: number) => {
      const { at: _, ...others } = search;
      void navigate({
        to: "/c/$id",
        params: { id: conversation },
        search: at === undefined ? others : { ...others, at },
      });
    },
  };
}

export type InboxAddress = ReturnType<typeof useInboxAddress>;
