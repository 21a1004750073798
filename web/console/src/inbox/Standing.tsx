// Below a conversation's head: whose turn it is, and how long there is for it.

import { Badge, Button, Text } from "@mantine/core";
import { IconUsersGroup, IconZzz } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import type { Opened } from "../api/client";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { useNow } from "../shared/clock";
import { Clocks } from "./Clocks";
import classes from "./Standing.module.css";

export function Standing({
  opened,
  answers,
  busy,
  claim,
  wake,
}: {
  opened: Opened;
  answers: boolean;
  busy: boolean;
  claim: () => void;
  wake: () => void;
}) {
  const t = useTranslations();
  const { conversation, handoff } = opened;
  const { offer, snoozed } = conversation;
  const open = handoff && handoff.state !== "done" ? handoff : null;
  if (!open && !snoozed && !offer) {
    return null;
  }
  return (
    <section className={classes.standing} aria-label={t("standing.label")}>
      {open?.team && (
        <Badge size="sm" variant="light" color="gray" tt="none" fw={600} leftSection={<IconUsersGroup size={12} />}>
          <bdi>{open.team.name}</bdi>
        </Badge>
      )}
      {open && <Clocks handoff={open} all />}
      {offer && <Offered offer={offer} busy={busy} claim={claim} />}
      {snoozed && (
        <>
          <Text size="xs" className={classes.said ?? ""}>
            <IconZzz size={14} aria-hidden />
            <Until until={snoozed.until} />
          </Text>
          {answers && (
            <Button size="compact-xs" variant="light" disabled={busy} onClick={wake}>
              {t("standing.wake")}
            </Button>
          )}
        </>
      )}
    </section>
  );
}

function Until({ until }: { until: string | null }) {
  const t = useTranslations();
  const formats = useFormats();
  return until ? t("standing.snoozedUntil", { time: formats.dateTime(until) }) : t("standing.snoozed");
}

function Offered({
  offer,
  busy,
  claim,
}: {
  offer: NonNullable<Opened["conversation"]["offer"]>;
  busy: boolean;
  claim: () => void;
}) {
  const t = useTranslations();
  const formats = useFormats();
  const { me } = useSession();
  const now = useNow();
  const until = Date.parse(offer.until);
  const time = formats.time(offer.until);
  if (offer.agent.id !== me.id) {
    return (
      <Text size="xs" c="dimmed">
        {t("standing.offeredTo", { name: offer.agent.name ?? "", time })}
      </Text>
    );
  }
  return (
    <>
      <Text size="xs" fw={600} role="status">
        {t("standing.offered", { time })}
      </Text>
      <Button size="compact-xs" disabled={busy || now >= until} onClick={claim}>
        {t("standing.accept", { left: formats.elapsed(now, until) })}
      </Button>
    </>
  );
}
