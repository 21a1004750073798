// Dates, numbers and names as somebody's language and region write them.

import { useMemo } from "react";
import { useLocale } from "use-intl";

export interface Formats {
  time: (iso: string) => string;
  day: (iso: string) => string;
  dateTime: (iso: string) => string;
  /** A day without a time, such as a birthday: the same in every time zone. */
  date: (iso: string) => string;
  number: (value: number) => string;
  /** A share, 0 to 1; a dash for none. */
  percent: (share: number | null, digits?: number) => string;
  language: (code: string) => string;
  list: (parts: readonly string[]) => string;
  /** How much time lies between two moments (ms), in its largest unit. */
  elapsed: (from: number, to: number) => string;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

const known = new Map<string, Formats>();

function make(locale: string): Formats {
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  const number = new Intl.NumberFormat(locale);
  const percents = [0, 1].map(
    (digits) =>
      new Intl.NumberFormat(locale, {
        style: "percent",
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
  );
  const languages = new Intl.DisplayNames([locale], { type: "language", fallback: "code" });
  const list = new Intl.ListFormat(locale, { type: "unit" });
  const units = Object.fromEntries(
    UNITS.map(([unit]) => [unit, new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" })]),
  );
  return {
    time: (iso) => time.format(new Date(iso)),
    day: (iso) => day.format(new Date(iso)),
    dateTime: (iso) => dateTime.format(new Date(iso)),
    date: (iso) => date.format(new Date(iso)),
    number: (value) => number.format(value),
    percent: (share, digits = 0) => (share === null ? "–" : (percents[digits]?.format(share) ?? "")),
    language: (code) => {
      try {
        return languages.of(code) ?? code;
      } catch {
        return code;
      }
    },
    list: (parts) => list.format(parts),
    elapsed: (from, to) => {
      const seconds = Math.max(0, Math.round((to - from) / 1000));
      const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? UNITS[3];
      return units[unit]?.format(Math.floor(seconds / size)) ?? "";
    },
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
