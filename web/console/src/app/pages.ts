// The pages that the navigation leads to, and who has them.

import {
  IconAlertTriangle,
  IconArrowsSplit2,
  IconBrain,
  IconChartBar,
  IconHistory,
  IconInbox,
  IconSchool,
  IconTags,
  IconUsers,
  IconUsersGroup,
} from "@tabler/icons-react";
import type { Account } from "../api/client";

const EVERYBODY = ["viewer", "agent", "supervisor", "admin"] as const;

export const PAGES = [
  { to: "/", key: "inbox", icon: IconInbox, roles: EVERYBODY },
  { to: "/figures", key: "figures", icon: IconChartBar, roles: EVERYBODY },
  { to: "/review", key: "review", icon: IconTags, roles: ["supervisor", "admin"] },
  { to: "/studio", key: "studio", icon: IconSchool, roles: ["admin"] },
  { to: "/teams", key: "teams", icon: IconUsersGroup, roles: EVERYBODY },
  { to: "/flows", key: "flows", icon: IconArrowsSplit2, roles: ["admin"] },
  { to: "/models", key: "models", icon: IconBrain, roles: ["admin"] },
  { to: "/problems", key: "problems", icon: IconAlertTriangle, roles: EVERYBODY },
  { to: "/audit", key: "audit", icon: IconHistory, roles: ["supervisor", "admin"] },
  { to: "/users", key: "users", icon: IconUsers, roles: ["admin"] },
] as const;

export const mayOpen = (page: (typeof PAGES)[number], me: Account): boolean =>
  (page.roles as readonly string[]).includes(me.role);
