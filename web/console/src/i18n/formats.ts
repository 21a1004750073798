// Dates, numbers and names as somebody's language and region write them.

import { useMemo } from "react";
import { useLocale } from "use-intl";

export interface Formats {
  time: (iso: string) => string;
  day: (iso: string) => string;
  /** Weekday and time, of the days to come. */
  dayTime: (iso: string) => string;
  dateTime: (iso: string) => string;
  /** A day without a time, such as a birthday: the same in every time zone. */
  date: (iso: string) => string;
  number: (value: number) => string;
  /** With two digits behind the point. */
  decimal: (value: number) => string;
  /** A share, 0 to 1; a dash for none. */
  percent: (share: number | null, digits?: number) => string;
  /** A difference of shares in percentage points, with its sign. */
  points: (difference: number) => string;
  /** A difference, with its sign. */
  signed: (difference: number) => string;
  minutes: (count: number) => string;
  language: (code: string) => string;
  list: (parts: readonly string[]) => string;
  /** How much time lies between two moments (ms): seconds, whole minutes, or else the two largest units. */
  elapsed: (from: number, to: number) => string;
  /** Seconds in their two largest units; a dash for none. */
  duration: (seconds: number | null) => string;
  /** A day of the week, 0 for Monday. */
  weekday: (day: number, length: "long" | "short") => string;
  /** An hour of the day in two digits. */
  hour: (hour: number) => string;
  /** A date without the time, in a time zone. */
  dateIn: (iso: string, zone: string) => string;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** How many of the two largest units a time (s) has; the second is left out where there are none of it. */
export function largestUnits(seconds: number): [(typeof UNITS)[number][0], number][] {
  const found = UNITS.findIndex(([, size]) => Math.round(seconds) >= size);
  const at = found < 0 ? UNITS.length - 1 : found;
  const [unit, size] = UNITS[at] ?? UNITS[3];
  const below = UNITS[at + 1];
  // Rounded to the smaller of the two first, so that 59 min 59.9 s is an hour.
  const step = below?.[1] ?? 1;
  const rounded = Math.round(seconds / step) * step;
  const up = UNITS[at - 1];
  if (up && rounded >= up[1]) {
    return [[up[0], 1]];
  }
  const rest = below ? Math.floor((rounded % size) / step) : 0;
  const first: [typeof unit, number] = [unit, Math.floor(rounded / size)];
  return below && rest > 0 ? [first, [below[0], rest]] : [first];
}

const MINUTE = 60;

/**
 * A time (s) as it is told at a glance, rounded to the nearest, never down: seconds below a minute, minutes below an
 * hour, and above its two largest units, so that nearly two hours are not one.
 */
export function elapsedUnits(seconds: number): ReturnType<typeof largestUnits> {
  const whole = Math.max(0, Math.round(seconds));
  return largestUnits(whole < MINUTE ? whole : Math.round(whole / MINUTE) * MINUTE);
}

const known = new Map<string, Formats>();

function make(locale: string): Formats {
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  const dayTime = new Intl.DateTimeFormat(locale, { weekday: "short", hour: "2-digit", minute: "2-digit" });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  const number = new Intl.NumberFormat(locale);
  const decimal = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const percents = [0, 1].map(
    (digits) =>
      new Intl.NumberFormat(locale, {
        style: "percent",
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
  );
  const points = new Intl.NumberFormat(locale, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: "exceptZero",
  });
  const signed = new Intl.NumberFormat(locale, { signDisplay: "exceptZero" });
  const languages = new Intl.DisplayNames([locale], { type: "language", fallback: "code" });
  const list = new Intl.ListFormat(locale, { type: "unit" });
  const units = Object.fromEntries(
    UNITS.map(([unit]) => [unit, new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" })]),
  );
  const hours = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 });
  const weekdays = {
    long: new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" }),
    short: new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" }),
  };
  return {
    time: (iso) => time.format(new Date(iso)),
    day: (iso) => day.format(new Date(iso)),
    dayTime: (iso) => dayTime.format(new Date(iso)),
    dateTime: (iso) => dateTime.format(new Date(iso)),
    date: (iso) => date.format(new Date(iso)),
    number: (value) => number.format(value),
    decimal: (value) => decimal.format(value),
    percent: (share, digits = 0) => (share === null ? "–" : (percents[digits]?.format(share) ?? "")),
    points: (difference) => points.format(difference),
    signed: (difference) => signed.format(difference),
    minutes: (count) => units.minute?.format(count) ?? "",
    language: (code) => {
      try {
        return languages.of(code) ?? code;
      } catch {
        return code;
      }
    },
    list: (parts) => list.format(parts),
    elapsed: (from, to) =>
      list.format(elapsedUnits((to - from) / 1000).map(([unit, n]) => units[unit]?.format(n) ?? "")),
    duration: (seconds) =>
      seconds === null ? "–" : list.format(largestUnits(seconds).map(([unit, n]) => units[unit]?.format(n) ?? "")),
    weekday: (day, length) => weekdays[length].format(Date.UTC(2024, 0, 1 + day)), // that January began on a Monday
    hour: (hour) => hours.format(hour),
    dateIn: (iso, timeZone) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone }).format(new Date(iso)),
  };
}

export function useFormats(): Formats {
  const locale = useLocale();
  return useMemo(() => {
    const formats = known.get(locale) ?? make(locale);
    known.set(locale, formats);
    return formats;
  }, [locale]);
}
