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
import { parseInboxSearch } from "../inbox/lists";
import { parseReviewSearch } from "../review/groups";
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

const models = createRoute({
  getParentRoute: () => pages,
  path: "/models",
  beforeLoad: only("models"),
  component: lazyRouteComponent(() => import("../models/Models")),
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

export const router = createRouter({
  routeTree: root.addChildren([
    inbox.addChildren([nobody, conversation]),
    pages.addChildren([
      figures,
      review,
      models,
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
