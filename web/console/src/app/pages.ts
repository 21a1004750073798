// The pages that the navigation leads to, and who has them.

import { IconAlertTriangle, IconBrain, IconInbox, IconUsers } from "@tabler/icons-react";
import type { Account } from "../api/client";

const EVERYBODY = ["viewer", "agent", "supervisor", "admin"] as const;

export const PAGES = [
  { to: "/", key: "inbox", icon: IconInbox, roles: EVERYBODY },
  { to: "/models", key: "models", icon: IconBrain, roles: ["admin"] },
  { to: "/problems", key: "problems", icon: IconAlertTriangle, roles: EVERYBODY },
  { to: "/users", key: "users", icon: IconUsers, roles: ["admin"] },
] as const;

export const mayOpen = (page: (typeof PAGES)[number], me: Account): boolean =>
  (page.roles as readonly string[]).includes(me.role);
