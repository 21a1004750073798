// How a handoff's clocks stand while they are looked at: what was read ages.

import type { Handoff } from "../api/client";

export interface Running {
  kind: "first_answer" | "resolution";
  state: "due" | "warning" | "breached";
  /** When it runs out, in ms. */
  dueAt: number;
}

/** The clocks that have not been stopped, as they stand at `now` (ms), the next to be stopped first. */
export function running(handoff: Pick<Handoff, "sla" | "state" | "answered_at">, now: number): Running[] {
  if (handoff.state === "done") {
    return [];
  }
  const kinds = handoff.answered_at ? (["resolution"] as const) : (["first_answer", "resolution"] as const);
  return kinds.flatMap((kind) => {
    const clock = handoff.sla[kind];
    if (!clock) {
      return [];
    }
    const dueAt = Date.parse(clock.due_at);
    const warns = now >= Date.parse(clock.warn_at);
    return [{ kind, state: now >= dueAt ? "breached" : warns ? "warning" : "due", dueAt } as const];
  });
}
