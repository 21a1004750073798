import { ActionIcon, Badge, Box, Button, Group, Menu, Title, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconDotsVertical, IconInfoCircle, IconRobot, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import type { Conversation } from "../api/client";
import { SHORTCUTS, type Shortcut } from "../keys/shortcuts";
import classes from "./Inbox.module.css";
import { MarkUnread } from "./MarkUnread";
import { ChannelIcon, useCustomerName } from "./names";

const COLORS = { bot: "gray", queue: "orange", agent: "blue", closed: "gray" } as const;

interface Actions {
  claim: () => void;
  giveBack: () => void;
  close: () => void;
  markUnread: () => void;
}

const withKey = (label: string, shortcut: Shortcut): string => `${label} (${SHORTCUTS[shortcut][0]})`;

export function Head({
  conversation,
  mine,
  claimable,
  endable,
  busy,
  actions,
  onDetails,
  moves,
}: {
  conversation: Conversation;
  mine: boolean;
  claimable: boolean;
  endable: boolean;
  busy: boolean;
  actions: Actions;
  onDetails: (() => void) | undefined;
  moves: ReactNode;
}) {
  const t = useTranslations();
  const nameOf = useCustomerName();
  const taken = conversation.owner === "agent" && !mine;
  return (
    <div className={classes.head}>
      <Group gap="xs" wrap="nowrap" miw={0}>
        <ActionIcon
          variant="subtle"
          color="gray"
          hiddenFrom="sm"
          renderRoot={(props) => <Link to="/" search={true} {...props} />}
          aria-label={t("inbox.back")}
        >
          <IconArrowLeft size={20} className={classes.mirrored} />
        </ActionIcon>
        <ChannelIcon channel={conversation.channel} size={18} />
        <Title order={2} size="h4" lineClamp={1} dir="auto">
          {nameOf(conversation.customer, conversation.channel)}
        </Title>
        <Badge variant="light" tt="none" color={COLORS[conversation.owner]} style={{ flexShrink: 0 }}>
          {taken ? conversation.agent?.name : t(`inbox.owners.${conversation.owner}`)}
        </Badge>
      </Group>
      <Group gap={6} wrap="nowrap" style={{ flexShrink: 0 }}>
        {claimable && (
          <Tooltip label={withKey(t("inbox.claim"), "claim")}>
            <Button size="xs" loading={busy} onClick={actions.claim}>
              {t("inbox.claim")}
            </Button>
          </Tooltip>
        )}
        {endable && (
          <>
            <Action
              label={t("inbox.giveBack")}
              shortcut="giveBack"
              icon={IconRobot}
              run={actions.giveBack}
              busy={busy}
            />
            <Action label={t("inbox.close")} shortcut="close" icon={IconX} run={actions.close} busy={busy} />
          </>
        )}
        {moves || (
          <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={t("inbox.moreActions")}>
                <IconDotsVertical size={20} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <MarkUnread run={actions.markUnread} />
            </Menu.Dropdown>
          </Menu>
        )}
        {onDetails && (
          <ActionIcon variant="subtle" color="gray" onClick={onDetails} aria-label={t("inbox.details")}>
            <IconInfoCircle size={20} />
          </ActionIcon>
        )}
      </Group>
    </div>
  );
}

function Action({
  label,
  shortcut,
  icon: Icon,
  run,
  busy,
}: {
  label: string;
  shortcut: Shortcut;
  icon: typeof IconX;
  run: () => void;
  busy: boolean;
}) {
  return (
    <Tooltip label={withKey(label, shortcut)}>
      <Button size="xs" variant="default" px={{ base: 8, md: "sm" }} disabled={busy} onClick={run} aria-label={label}>
        <Icon size={16} />
        <Box visibleFrom="md" ms={6}>
          {label}
        </Box>
      </Button>
    </Tooltip>
  );
}
