// What steps and the ways between them are called.

import { useTranslations } from "use-intl";
import type { Step } from "./calls";

/** Ways that have the same name in every flow, as the server calls them; others are outcomes, which the pack names. */
const WAYS = {
  filled: "filled",
  yes: "yes",
  no: "no",
  "asks again": "again",
  unavailable: "unavailable",
  "not understood three times": "notUnderstood",
} as const;

export function useEdgeName(): (label: string) => string {
  const t = useTranslations();
  return (label) => (label in WAYS ? t(`flows.ways.${WAYS[label as keyof typeof WAYS]}`) : label);
}

export function useStepName(): (step: Step) => { kind: string; name: string | undefined } {
  const t = useTranslations();
  return ({ kind, label }) => ({
    kind: t(`flows.kinds.${kind}`),
    name: kind === "confirm" || kind === "human" ? undefined : label,
  });
}
