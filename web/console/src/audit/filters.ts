// What is asked of the audit log.

import type { AuditQuery } from "../api/client";

/** Days as `<input type="date">` gives them; what is empty is not asked for. */
export interface Filters {
  actor: string;
  action: string;
  from: string;
  to: string;
}

export const NO_FILTERS: Filters = { actor: "", action: "", from: "", to: "" };

/** The first moment of a day, or of the one after, in the browser's time zone. */
function start(day: string, later = 0): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

export function queryOf({ actor, action, from, to }: Filters): AuditQuery {
  return {
    ...(actor ? { actor } : {}),
    ...(action ? { action } : {}),
    ...(from ? { since: start(from) } : {}),
    ...(to ? { until: start(to, 1) } : {}),
  };
}

type Recorded = Record<string, unknown> | null;

/** What changed, field by field; null where it was not there. */
export function differences(
  before: Recorded,
  after: Recorded,
): [name: string, was: string | null, is: string | null][] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const told = (of: Recorded, name: string): string | null => {
    const value = of?.[name];
    return value === undefined || value === null ? null : typeof value === "string" ? value : JSON.stringify(value);
  };
  return names.map((name) => [name, told(before, name), told(after, name)]);
}
