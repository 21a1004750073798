// What somebody's role lets them do; the server decides, the pages only leave out what it would refuse.

import type { Account, Role } from "../api/client";

/** From the one that may the least on: each may what those before it may. */
export const ROLES = ["viewer", "agent", "supervisor", "admin"] as const satisfies readonly Role[];

export const atLeast = (me: Account, role: Role): boolean => ROLES.indexOf(me.role) >= ROLES.indexOf(role);
