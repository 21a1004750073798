// The pages that the navigation leads to, and who has them.

import {
  IconAlertTriangle,
  IconArrowsSplit2,
  IconBrain,
  IconChartBar,
  IconClockHour4,
  IconHistory,
  IconInbox,
  IconMessage2Bolt,
  IconPlugConnected,
  IconSchool,
  IconSettings,
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
  { to: "/flows", key: "flows", icon: IconArrowsSplit2, roles: ["admin"] },
  { to: "/models", key: "models", icon: IconBrain, roles: ["admin"] },
  { to: "/canned", key: "canned", icon: IconMessage2Bolt, roles: ["agent", "supervisor", "admin"] },
  { to: "/teams", key: "teams", icon: IconUsersGroup, roles: EVERYBODY },
  { to: "/users", key: "users", icon: IconUsers, roles: ["admin"] },
  { to: "/hours", key: "hours", icon: IconClockHour4, roles: EVERYBODY },
  { to: "/channels", key: "channels", icon: IconPlugConnected, roles: ["admin"] },
  { to: "/settings", key: "settings", icon: IconSettings, roles: ["admin"] },
  { to: "/problems", key: "problems", icon: IconAlertTriangle, roles: EVERYBODY },
  { to: "/audit", key: "audit", icon: IconHistory, roles: ["supervisor", "admin"] },
] as const;

export const mayOpen = (page: (typeof PAGES)[number], me: Account): boolean =>
  (page.roles as readonly string[]).includes(me.role);
