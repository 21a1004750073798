// Which figures somebody wants: what the address says of it, and what the server is asked for it.

import type { FiguresQuery } from "../api/client";

export const PERIODS = ["today", "yesterday", "days7", "days30", "month", "custom"] as const;
export type Period = (typeof PERIODS)[number];

/** Minutes of silence that may end a session. */
export const SILENCES = [15, 30, 60, 120, 240, 720, 1440] as const;
export const SILENCE = 60;
const LONGEST_SILENCE = 60 * 24 * 30;

/** What the address says, so that figures can be shared as a link; what it lacks is as usual. */
export interface FiguresSearch {
  period?: Period | undefined;
  /** The first and the last day, of a `custom` period. */
  since?: string | undefined;
  until?: string | undefined;
  zone?: string | undefined;
  silence?: number | undefined;
  channel?: string | undefined;
  language?: string | undefined;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);
const day = (value: unknown): string | undefined =>
  typeof value === "string" && DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined;

export function parseFiguresSearch(search: Record<string, unknown>): FiguresSearch {
  const period = PERIODS.find((name) => name === search.period);
  const silence = Number(search.silence);
  return {
    period,
    since: period === "custom" ? day(search.since) : undefined,
    until: period === "custom" ? day(search.until) : undefined,
    zone: text(search.zone),
    silence: Number.isInteger(silence) && silence >= 1 && silence <= LONGEST_SILENCE ? silence : undefined,
    channel: text(search.channel),
    language: text(search.language),
  };
}

/** The day (YYYY-MM-DD) that it is in a time zone; one that there is not is the server's to complain of. */
export function dayIn(zone: string, now: Date): string {
  const options = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  try {
    return new Intl.DateTimeFormat("en-CA", { ...options, timeZone: zone }).format(now);
  } catch {
    return now.toISOString().slice(0, 10);
  }
}

export function plusDays(from: string, days: number): string {
  const moved = new Date(`${from}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

/** The first and the last day of the period. */
export function daysOf(search: FiguresSearch, today: string): [string, string] {
  switch (search.period ?? "days7") {
    case "today":
      return [today, today];
    case "yesterday":
      return [plusDays(today, -1), plusDays(today, -1)];
    case "days7":
      return [plusDays(today, -6), today];
    case "days30":
      return [plusDays(today, -29), today];
    case "month":
      return [`${today.slice(0, 8)}01`, today];
    case "custom": {
      const until = search.until ?? today;
      return [search.since ?? plusDays(until, -6), until];
    }
  }
}

export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function queryOf(search: FiguresSearch, now: Date): FiguresQuery {
  const zone = search.zone ?? ownZone();
  const [since, until] = daysOf(search, dayIn(zone, now));
  return {
    since,
    until,
    zone,
    silence: search.silence ?? SILENCE,
    ...(search.channel ? { channel: search.channel } : {}),
    ...(search.language ? { language: search.language } : {}),
  };
}
