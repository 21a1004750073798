// The pages by their addresses; each is loaded when it is first opened.

import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import type { Account } from "../api/client";
import { parseFiguresSearch } from "../figures/period";
import { parseFlowsSearch } from "../flows/drafts";
import { parseInboxSearch } from "../inbox/lists";
import { parseLinkSearch } from "../link/search";
import { parseCompareSearch } from "../models/compared";
import { parseReviewSearch } from "../review/groups";
import { parseIntentsSearch } from "../studio/list";
import { parseBenchSearch, parseHistorySearch, parseIntentSearch, parseNewSearch } from "../studio/search";
import { NotFound } from "./NotFound";
import { mayOpen, PAGES } from "./pages";
import { RouteFailed } from "./RouteFailed";
import { Shell } from "./Shell";
import { WithTexts } from "./WithTexts";

const root = createRootRouteWithContext<{ me: Account }>()({ component: Shell, notFoundComponent: NotFound });

/** Sends somebody whose role does not have the page to the inbox. */
const only =
  (key: (typeof PAGES)[number]["key"]) =>
  ({ context }: { context: { me: Account } }): void => {
    if (PAGES.some((page) => page.key === key && !mayOpen(page, context.me))) {
      throw redirect({ to: "/" });
    }
  };

const inbox = createRoute({
  getParentRoute: () => root,
  id: "inbox",
  validateSearch: parseInboxSearch,
  component: lazyRouteComponent(() => import("../inbox/Inbox")),
});

// The frame shows the list and the conversation that the address names.
const nobody = createRoute({ getParentRoute: () => inbox, path: "/" });
const conversation = createRoute({ getParentRoute: () => inbox, path: "/c/$id" });

const pages = createRoute({ getParentRoute: () => root, id: "pages", component: WithTexts });

const figures = createRoute({
  getParentRoute: () => pages,
  path: "/figures",
  validateSearch: parseFiguresSearch,
  component: lazyRouteComponent(() => import("../figures/Figures")),
});

const review = createRoute({
  getParentRoute: () => pages,
  path: "/review",
  validateSearch: parseReviewSearch,
  beforeLoad: only("review"),
  component: lazyRouteComponent(() => import("../review/Review")),
});

const studio = createRoute({
  getParentRoute: () => pages,
  path: "/studio",
  beforeLoad: only("studio"),
  component: lazyRouteComponent(() => import("../studio/pages"), "Studio"),
});

const intents = createRoute({
  getParentRoute: () => studio,
  path: "/",
  validateSearch: parseIntentsSearch,
  component: lazyRouteComponent(() => import("../studio/pages"), "Intents"),
});

const newIntent = createRoute({
  getParentRoute: () => studio,
  path: "/new",
  validateSearch: parseNewSearch,
  component: lazyRouteComponent(() => import("../studio/pages"), "NewIntent"),
});

const intent = createRoute({
  getParentRoute: () => studio,
  path: "/intents/$name",
  validateSearch: parseIntentSearch,
  component: lazyRouteComponent(() => import("../studio/pages"), "IntentPage"),
});

const bench = createRoute({
  getParentRoute: () => studio,
  path: "/bench",
  validateSearch: parseBenchSearch,
  component: lazyRouteComponent(() => import("../studio/pages"), "BenchPage"),
});

const history = createRoute({
  getParentRoute: () => studio,
  path: "/history",
  validateSearch: parseHistorySearch,
  component: lazyRouteComponent(() => import("../studio/pages"), "History"),
});

const exchange = createRoute({
  getParentRoute: () => studio,
  path: "/exchange",
  component: lazyRouteComponent(() => import("../studio/pages"), "Exchange"),
});

const models = createRoute({
  getParentRoute: () => pages,
  path: "/models",
  beforeLoad: only("models"),
  component: lazyRouteComponent(() => import("../models/Models")),
});

const version = createRoute({
  getParentRoute: () => pages,
  path: "/models/$version",
  beforeLoad: only("models"),
  component: lazyRouteComponent(() => import("../models/Version")),
});

const compare = createRoute({
  getParentRoute: () => pages,
  path: "/models/compare",
  validateSearch: parseCompareSearch,
  beforeLoad: only("models"),
  component: lazyRouteComponent(() => import("../models/Compare")),
});

const flows = createRoute({
  getParentRoute: () => pages,
  path: "/flows",
  validateSearch: parseFlowsSearch,
  beforeLoad: only("flows"),
  component: lazyRouteComponent(() => import("../flows/Flows")),
});

const problems = createRoute({
  getParentRoute: () => pages,
  path: "/problems",
  component: lazyRouteComponent(() => import("../problems/Problems")),
});

const users = createRoute({
  getParentRoute: () => pages,
  path: "/users",
  beforeLoad: only("users"),
  component: lazyRouteComponent(() => import("../users/Users")),
});

const teams = createRoute({
  getParentRoute: () => pages,
  path: "/teams",
  component: lazyRouteComponent(() => import("../teams/Teams")),
});

const audit = createRoute({
  getParentRoute: () => pages,
  path: "/audit",
  beforeLoad: only("audit"),
  component: lazyRouteComponent(() => import("../audit/Audit")),
});

const channels = createRoute({
  getParentRoute: () => pages,
  path: "/channels",
  beforeLoad: only("channels"),
  component: lazyRouteComponent(() => import("../channels/Channels")),
});

const settings = createRoute({
  getParentRoute: () => pages,
  path: "/settings",
  beforeLoad: only("settings"),
  component: lazyRouteComponent(() => import("../settings/Settings")),
});

const hours = createRoute({
  getParentRoute: () => pages,
  path: "/hours",
  component: lazyRouteComponent(() => import("../hours/Hours")),
});

const canned = createRoute({
  getParentRoute: () => pages,
  path: "/canned",
  beforeLoad: only("canned"),
  component: lazyRouteComponent(() => import("../canned/Canned")),
});

// Everybody's own, under the user's menu.
const tokens = createRoute({
  getParentRoute: () => pages,
  path: "/tokens",
  component: lazyRouteComponent(() => import("../tokens/Tokens")),
});

const browsers = createRoute({
  getParentRoute: () => pages,
  path: "/browsers",
  component: lazyRouteComponent(() => import("../browsers/Browsers")),
});

const slack = createRoute({
  getParentRoute: () => pages,
  path: "/link/slack",
  validateSearch: parseLinkSearch,
  component: lazyRouteComponent(() => import("../link/SlackLink")),
});

export const router = createRouter({
  routeTree: root.addChildren([
    inbox.addChildren([nobody, conversation]),
    pages.addChildren([
      figures,
      review,
      models,
      compare,
      version,
      flows,
      studio.addChildren([intents, newIntent, intent, bench, history, exchange]),
      problems,
      users,
      teams,
      audit,
      channels,
      settings,
      hours,
      canned,
      tokens,
      browsers,
      slack,
    ]),
  ]),
  basepath: "/console",
  context: { me: undefined as unknown as Account }, // given by `RouterProvider`, which only somebody signed in sees
  defaultErrorComponent: RouteFailed,
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
