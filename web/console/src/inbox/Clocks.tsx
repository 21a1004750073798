import { Badge } from "@mantine/core";
import { IconAlarm, IconAlertTriangle, IconClock } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import type { Handoff } from "../api/client";
import { useFormats } from "../i18n/formats";
import { useNow } from "../shared/clock";
import { running } from "./sla";

const COLORS = { due: "gray", warning: "orange", breached: "red" } as const;
const ICONS = { due: IconClock, warning: IconAlarm, breached: IconAlertTriangle } as const;

/** The clocks of a handoff that run, or only the next to be stopped. */
export function Clocks({ handoff, all = false }: { handoff: Handoff; all?: boolean }) {
  const t = useTranslations();
  const formats = useFormats();
  const now = useNow(5_000);
  const clocks = running(handoff, now);
  return (all ? clocks : clocks.slice(0, 1)).map(({ kind, state, dueAt }) => {
    const Icon = ICONS[state];
    const time = formats.elapsed(Math.min(now, dueAt), Math.max(now, dueAt));
    return (
      <Badge
        key={kind}
        size="sm"
        variant="light"
        color={COLORS[state]}
        tt="none"
        fw={600}
        leftSection={<Icon size={12} />}
        data-clock={state}
      >
        {t(`sla.${kind}_${state === "breached" ? "late" : "in"}`, { time })}
      </Badge>
    );
  });
}
