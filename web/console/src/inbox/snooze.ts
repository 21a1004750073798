// Until when a conversation may be put off with one choice.

const MORNING = 9;
const HOUR = 3_600_000;
const MONDAY = 1;

/** The morning of the day that is `days` after that of `now`, in the browser's time zone. */
function morning(now: Date, days: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING);
}

export const PRESETS = ["hour", "hours", "tomorrow", "week"] as const;
export type Preset = (typeof PRESETS)[number];

export function untilOf(preset: Preset, now: Date): Date {
  switch (preset) {
    case "hour":
      return new Date(now.getTime() + HOUR);
    case "hours":
      return new Date(now.getTime() + 3 * HOUR);
    case "tomorrow":
      return morning(now, 1);
    case "week":
      return morning(now, ((MONDAY + 6 - now.getDay()) % 7) + 1);
  }
}

/** A moment as `<input type="datetime-local">` writes it. */
export function localInput(moment: Date): string {
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
