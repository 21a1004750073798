// Where an agent sends a conversation on: to somebody else, to a team, or to later.

import { ActionIcon, Menu } from "@mantine/core";
import { IconArrowsRightLeft, IconClockPause, IconUserShare, IconUsersGroup } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslations } from "use-intl";
import { api, type Conversation } from "../api/client";
import { useFormats } from "../i18n/formats";
import { useShortcut } from "../keys/Shortcuts";
import { MarkUnread } from "./MarkUnread";
import { PRESETS, untilOf } from "./snooze";
import type { Act } from "./useAct";

const MoveDialog = lazy(() => import("./MoveDialog"));

export type Move = "assign" | "transfer" | "snooze";

export function Moves({
  conversation,
  busy,
  run,
  markUnread,
}: {
  conversation: Conversation;
  busy: boolean;
  run: (act: Act) => void;
  markUnread: () => void;
}) {
  const t = useTranslations();
  const formats = useFormats();
  const [asking, setAsking] = useState<Move>();
  const [opened, setOpened] = useState(false);
  useShortcut("assign", () => setAsking("assign"));
  useShortcut("transfer", () => setAsking("transfer"));
  useShortcut("snooze", () => setAsking("snooze"));
  // The presets are reckoned from the moment in which they are seen.
  const now = opened ? new Date() : undefined;
  const snooze = (until: string | null): void => run((id) => api.snooze(id, until));
  return (
    <>
      <Menu
        position="bottom-end"
        width={270}
        opened={opened}
        onChange={setOpened}
        withinPortal={false}
        withInitialFocusPlaceholder={false}
      >
        <Menu.Target>
          <ActionIcon variant="default" size={30} disabled={busy} aria-label={t("moves.label")}>
            <IconArrowsRightLeft size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconUserShare size={16} />} onClick={() => setAsking("assign")}>
            {t("moves.assign")}
          </Menu.Item>
          <Menu.Item leftSection={<IconUsersGroup size={16} />} onClick={() => setAsking("transfer")}>
            {t("moves.transfer")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>{t("moves.snooze")}</Menu.Label>
          {now &&
            PRESETS.map((preset) => {
              const until = untilOf(preset, now).toISOString();
              const near = preset === "hour" || preset === "hours";
              return (
                <Menu.Item
                  key={preset}
                  onClick={() => snooze(until)}
                  rightSection={<small>{near ? formats.time(until) : formats.dayTime(until)}</small>}
                >
                  {t(`moves.presets.${preset}`)}
                </Menu.Item>
              );
            })}
          <Menu.Item onClick={() => snooze(null)}>{t("moves.untilWritten")}</Menu.Item>
          <Menu.Item leftSection={<IconClockPause size={16} />} onClick={() => setAsking("snooze")}>
            {t("moves.another")}
          </Menu.Item>
          <Menu.Divider />
          <MarkUnread run={markUnread} />
        </Menu.Dropdown>
      </Menu>
      {asking && (
        <Suspense>
          <MoveDialog move={asking} conversation={conversation} run={run} onClose={() => setAsking(undefined)} />
        </Suspense>
      )}
    </>
  );
}
