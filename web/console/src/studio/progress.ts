// Trainings, as events tell of them. Pure.

import type { Run, Trainings } from "./calls";

export interface TrainingEvent {
  type: "training";
  number: number | null;
  state: Run["state"];
  revision: number | null;
  step: string | null;
  done: number;
  total: number;
  version: string | null;
  reason: string | null;
}

export const underWay = (run: Run | undefined): boolean => run?.state === "waiting" || run?.state === "training";

/** The list with what an event tells; undefined if it has to be read again. */
export function applyTraining(known: Trainings, event: TrainingEvent): Trainings | undefined {
  const run = known.runs.find((one) => one.number === event.number);
  if (!run || event.state !== run.state) {
    return undefined;
  }
  const { step, done, total } = event;
  return { runs: known.runs.map((one) => (one === run ? { ...run, step, done, total } : one)) };
}

/** How far a training is, 0 to 1; undefined while that is not known. */
export const share = (run: Run): number | undefined =>
  run.state === "training" && run.total > 0 ? Math.min(1, run.done / run.total) : undefined;
