// The pages that the navigation leads to, and who has them.

import { IconAlertTriangle, IconBrain, IconInbox, IconUsers } from "@tabler/icons-react";
import type { Account } from "../api/client";

export const PAGES = [
  { to: "/", key: "inbox", icon: IconInbox, roles: ["agent", "admin"] },
  { to: "/models", key: "models", icon: IconBrain, roles: ["admin"] },
  { to: "/problems", key: "problems", icon: IconAlertTriangle, roles: ["agent", "admin"] },
  { to: "/users", key: "users", icon: IconUsers, roles: ["admin"] },
] as const;

export const mayOpen = (page: (typeof PAGES)[number], me: Account): boolean =>
  (page.roles as readonly string[]).includes(me.role);
