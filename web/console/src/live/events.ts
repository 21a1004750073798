// What happens on the server, as it is told to everybody in this page who wants to know.

import type { Delivery, Mention, Message, PresenceState, Summary } from "../api/client";
import type { TrainingEvent } from "../studio/progress";

export type LiveEvent =
  | { type: "hello"; now: string }
  | { type: "changed"; summary: Summary; messages: Message[] }
  | { type: "typing"; conversation: string; author: string }
  | { type: "delivered"; conversation: string; message: string; delivery: Delivery }
  | { type: "presence"; agent: string; state: PresenceState; since: string }
  | { type: "read"; conversation: string; seq: number }
  | { type: "tagged"; conversation: string; tags: string[] }
  | { type: "mentioned"; mention: Mention }
  | { type: "pack"; revision: number; author: string; message: string }
  | TrainingEvent
  | { type: "mentions_seen"; conversation: string | null }
  | { type: "reload" };

type Hear = (event: LiveEvent) => void;

const hearers = new Set<Hear>();

/** Calls `hear` for every event until the function that it gives is called. */
export function onEvent(hear: Hear): () => void {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

export function tell(event: LiveEvent): void {
  for (const hear of [...hearers]) {
    hear(event);
  }
}

/** What is told while something is read may be newer than what was read: it is applied on top. */
export async function readMeanwhile<T>(read: () => Promise<T>, apply: (value: T, event: LiveEvent) => T): Promise<T> {
  const heard: LiveEvent[] = [];
  const stop = onEvent((event) => heard.push(event));
  try {
    return heard.reduce(apply, await read());
  } finally {
    stop();
  }
}
