// The pages that the navigation leads to, and who has them.

import { IconAlertTriangle, IconBrain, IconChartBar, IconInbox, IconTags, IconUsers } from "@tabler/icons-react";
import type { Account } from "../api/client";

export const PAGES = [
  { to: "/", key: "inbox", icon: IconInbox, roles: ["viewer", "agent", "supervisor", "admin"] },
  { to: "/figures", key: "figures", icon: IconChartBar, roles: ["viewer", "agent", "supervisor", "admin"] },
  { to: "/review", key: "review", icon: IconTags, roles: ["supervisor", "admin"] },
  { to: "/models", key: "models", icon: IconBrain, roles: ["admin"] },
  { to: "/problems", key: "problems", icon: IconAlertTriangle, roles: ["viewer", "agent", "supervisor", "admin"] },
  { to: "/users", key: "users", icon: IconUsers, roles: ["admin"] },
] as const;

export const mayOpen = (page: (typeof PAGES)[number], me: Account): boolean =>
  (page.roles as readonly string[]).includes(me.role);
