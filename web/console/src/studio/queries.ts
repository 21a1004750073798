// What the studio reads. Events tell when to read it again (`useStudioLive`).

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { studio } from "./calls";

// Nobody hears events while no page of the studio is open.
const AGAIN = { staleTime: 0 } as const;

export const intentsQuery = queryOptions({
  queryKey: ["studio", "intents"],
  queryFn: studio.intents,
  placeholderData: keepPreviousData,
  ...AGAIN,
});
export const intentQuery = (name: string) =>
  queryOptions({ queryKey: ["studio", "intent", name], queryFn: () => studio.intent(name), ...AGAIN });
export const usesQuery = (name: string) =>
  queryOptions({ queryKey: ["studio", "uses", name], queryFn: () => studio.uses(name), ...AGAIN });
export const duplicatesQuery = queryOptions({
  queryKey: ["studio", "duplicates"],
  queryFn: studio.duplicates,
  placeholderData: keepPreviousData,
  ...AGAIN,
});
export const lessonsQuery = queryOptions({ queryKey: ["studio", "lessons"], queryFn: studio.lessons, ...AGAIN });
export const packQuery = queryOptions({ queryKey: ["studio", "pack"], queryFn: studio.pack, ...AGAIN });
export const trainingsQuery = queryOptions({
  queryKey: ["studio", "trainings"],
  queryFn: studio.trainings,
  ...AGAIN,
});
export const revisionsQuery = infiniteQueryOptions({
  queryKey: ["studio", "revisions"],
  queryFn: ({ pageParam }) => studio.revisions(pageParam),
  initialPageParam: null as number | null,
  getNextPageParam: (page) => page.next,
  ...AGAIN,
});
/** What a revision changed never changes. */
export const revisionQuery = (number: number) =>
  queryOptions({ queryKey: ["revision", number], queryFn: () => studio.revision(number), staleTime: "static" });
