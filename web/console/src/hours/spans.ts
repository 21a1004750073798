// Spans of working time as the server writes them, and as two fields show them.

export interface Span {
  from: string;
  to: string;
}

export const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Weekday = (typeof WEEKDAYS)[number];
export type Week = Record<Weekday, Span[]>;

const MIDNIGHT = "00:00";
const END = "24:00";

/** `24:00`, the end of a day, is a time that no field can show: it shows 00:00. */
export function readSpan(text: string): Span {
  const [from = "", to = ""] = text.split("-");
  return { from, to: to === END ? MIDNIGHT : to };
}

const endOf = ({ to }: Span): string => (to === MIDNIGHT ? END : to);

export const writeSpan = (span: Span): string => `${span.from}-${endOf(span)}`;

export const readWeek = (days: Record<string, string[]> | null): Week =>
  Object.fromEntries(WEEKDAYS.map((day) => [day, (days?.[day] ?? []).map(readSpan)])) as unknown as Week;

export const writeWeek = (week: Week): Record<string, string[]> =>
  Object.fromEntries(WEEKDAYS.map((day) => [day, week[day].map(writeSpan)]));

/** What is wrong with the spans of a day, if anything is. */
export function wrongWith(spans: readonly Span[]): "order" | "overlap" | undefined {
  if (spans.some((span) => !span.from || !span.to || span.from >= endOf(span))) {
    return "order";
  }
  const sorted = spans.toSorted((a, b) => a.from.localeCompare(b.from));
  return sorted.some((span, index) => index > 0 && endOf(sorted[index - 1] as Span) > span.from)
    ? "overlap"
    : undefined;
}

/** A span to begin with: after the last one of the day, if there is room. */
export function nextSpan(spans: readonly Span[]): Span {
  const last = spans.map(endOf).toSorted().at(-1);
  if (!last) {
    return { from: "09:00", to: "17:00" };
  }
  const hour = Number(last.slice(0, 2)) + 1;
  return hour >= 23
    ? { from: last === END ? "23:00" : last, to: MIDNIGHT }
    : { from: `${`${hour}`.padStart(2, "0")}:00`, to: `${`${Math.min(hour + 4, 23)}`.padStart(2, "0")}:00` };
}
