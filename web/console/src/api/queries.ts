// What is read from the server, each under its key in the query cache.

import {
  infiniteQueryOptions,
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  queryOptions,
  skipToken,
} from "@tanstack/react-query";
import { type Filters, joined, type Listed, type View } from "../inbox/lists";
import { applyToAgents, applyToOpened, applyToPages, mergeMessages, type Pages, type Typing } from "../live/apply";
import { type LiveEvent, readMeanwhile } from "../live/events";
import {
  type Account,
  type AuditQuery,
  api,
  type FiguresQuery,
  type InboxPage,
  type Opened,
  type ReviewQuery,
} from "./client";
import { ApiError } from "./errors";

/** Milliseconds after which what no event tells of is read again. */
const REFRESH = 10_000;

const tried = (failures: number, error: unknown): boolean =>
  failures < 2 && !(error instanceof ApiError && error.status < 500);

/** `ended` is called when the server no longer knows who asks. */
export function makeQueryClient(ended: () => void): QueryClient {
  const told = (error: unknown): void => {
    if (error instanceof ApiError && error.signedOut) {
      ended();
    }
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: told }),
    // A wrong password is refused too, and is not the end of a session.
    mutationCache: new MutationCache({
      onError: (error, _given, _result, mutation) => mutation.meta?.signsIn !== true && told(error),
    }),
    defaultOptions: {
      // What is in the cache is kept up to date by events; a look at another page does not read it again.
      queries: { staleTime: 30_000, retry: tried, refetchOnWindowFocus: false, networkMode: "always" },
      mutations: { networkMode: "always" },
    },
  });
}

async function readSession(): Promise<Account | null> {
  try {
    return await api.me();
  } catch (error) {
    if (error instanceof ApiError && error.signedOut) {
      return null;
    }
    throw error;
  }
}

export const sessionQuery = queryOptions({ queryKey: ["session"], queryFn: readSession, staleTime: Infinity });

/** A list of the inbox, page by page. */
export const inboxQuery = (listed: Listed) =>
  infiniteQueryOptions({
    queryKey: ["inbox", listed],
    queryFn: async ({ pageParam }): Promise<InboxPage> => {
      const { view, sort, filters } = listed;
      const read = async (): Promise<Pages> => ({
        pages: [await api.inbox({ view, sort, ...joined(filters), ...(pageParam ? { cursor: pageParam } : {}) })],
        pageParams: [],
      });
      const apply = (list: Pages, event: LiveEvent): Pages => applyToPages(list, event, listed);
      // Only the first page gets what is new.
      const [page] = (pageParam === null ? await readMeanwhile(read, apply) : await read()).pages;
      return page as InboxPage;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

/** How many conversations there are in each view. */
export const countsQuery = (filters: Filters) =>
  queryOptions({
    queryKey: ["counts", filters],
    queryFn: () => api.counts(joined(filters)).then(({ counts }) => counts as Partial<Record<View, number>>),
    placeholderData: keepPreviousData,
  });

export const searchQuery = (q: string, filters: Filters) =>
  infiniteQueryOptions({
    queryKey: ["search", q, filters],
    queryFn: ({ pageParam }) => api.search({ q, ...joined(filters), ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

/** A conversation with its whole history, which the server gives in parts. */
async function readConversation(id: string): Promise<Opened> {
  let opened = await api.conversation(id, 0);
  let { messages } = opened;
  for (;;) {
    const last = opened.messages.at(-1)?.seq;
    if (last === undefined || last >= opened.conversation.seq) {
      return { ...opened, messages };
    }
    opened = await api.conversation(id, last);
    messages = mergeMessages(messages, opened.messages);
  }
}

export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: ["conversation", id],
    queryFn: () => readMeanwhile(() => readConversation(id), applyToOpened),
  });

// What only events tell.
const heard = { queryFn: skipToken, staleTime: Infinity, gcTime: Infinity } as const;
export const typingQuery = queryOptions({ queryKey: ["typing"], initialData: {} as Typing, ...heard });

export const presenceQuery = queryOptions({ queryKey: ["presence"], queryFn: api.presence });
export const agentsQuery = queryOptions({
  queryKey: ["agents"],
  queryFn: () => readMeanwhile(api.agents, applyToAgents),
  refetchInterval: REFRESH,
});

export const teamsQuery = queryOptions({ queryKey: ["teams"], queryFn: api.teams });
export const skillsQuery = queryOptions({ queryKey: ["skills"], queryFn: api.skills });

export const statusQuery = queryOptions({ queryKey: ["status"], queryFn: api.status, refetchInterval: REFRESH });
export const deadLettersQuery = queryOptions({
  queryKey: ["dead-letters"],
  queryFn: api.deadLetters,
  refetchInterval: REFRESH,
});
export const failuresQuery = queryOptions({
  queryKey: ["failures"],
  queryFn: api.failures,
  refetchInterval: REFRESH,
});
export const modelsQuery = queryOptions({ queryKey: ["models"], queryFn: api.models, refetchInterval: REFRESH });
export const usersQuery = queryOptions({ queryKey: ["users"], queryFn: api.users });
export const userQuery = (id: string) =>
  // Read anew whenever somebody begins to change it, and then left alone, so that it does not change below them.
  queryOptions({ queryKey: ["user", id], queryFn: () => api.user(id), staleTime: "static", gcTime: 0 });

/** Changes, the latest first, page by page. */
export const auditQuery = (wanted: AuditQuery) =>
  infiniteQueryOptions({
    queryKey: ["audit", wanted],
    queryFn: ({ pageParam }) => api.audit({ ...wanted, ...(pageParam ? { before: pageParam } : {}) }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });

/** Of `user`, of `all`, or one's own. */
export const tokensQuery = (user?: string) =>
  queryOptions({ queryKey: ["tokens", user ?? null], queryFn: () => api.tokens(user) });
/** One's own Slack account, and the one that a code is about. */
export const slackQuery = (code?: string) =>
  queryOptions({ queryKey: ["slack", code ?? null], queryFn: () => api.slack(code) });
export const browsersQuery = queryOptions({ queryKey: ["browsers"], queryFn: api.browsers });

/** The figures of the period before stay until those of the next are there. */
export const figuresQuery = (wanted: FiguresQuery) =>
  queryOptions({
    queryKey: ["figures", wanted],
    queryFn: () => api.figures(wanted),
    placeholderData: keepPreviousData,
  });

export const reviewQuery = (wanted: ReviewQuery) =>
  queryOptions({ queryKey: ["review", wanted], queryFn: () => api.review(wanted), placeholderData: keepPreviousData });
/** Verdicts that are read at once. */
export const LABELS = 500;
export const labelsQuery = queryOptions({ queryKey: ["labels"], queryFn: () => api.labels(LABELS) });

export const tagsQuery = queryOptions({ queryKey: ["tags"], queryFn: api.tags });
export const tagsOfQuery = (id: string) =>
  queryOptions({ queryKey: ["tags-of", id], queryFn: () => api.tagsOf(id), staleTime: 0 });
export const cannedQuery = queryOptions({ queryKey: ["canned"], queryFn: api.canned });
/** Answers to what the customer has said last, the entry `seq`. */
export const suggestionsQuery = (id: string, seq: number) =>
  queryOptions({
    queryKey: ["suggestions", id, seq],
    queryFn: () => api.suggestions(id).then(({ items }) => items.slice(0, 3)),
  });
/** Ratings as they were when the conversation had changed last. */
export const ratingsQuery = (id: string, changed: string) =>
  queryOptions({
    queryKey: ["ratings", id, changed],
    queryFn: () => api.ratings(id).then(({ items }) => items),
    placeholderData: keepPreviousData,
  });
export const profileQuery = (id: string) =>
  queryOptions({ queryKey: ["profile", id], queryFn: () => api.profile(id), staleTime: 0 });
