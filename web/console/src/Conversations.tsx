import {
  Badge,
  Box,
  Button,
  Center,
  Group,
  Indicator,
  ScrollArea,
  SegmentedControl,
  Stack,
  Text,
  UnstyledButton,
} from "@mantine/core";
import { IconBrandSlack, IconBrandTelegram, IconMessage, IconTerminal2 } from "@tabler/icons-react";
import { memo } from "react";
import type { Summary } from "./api";
import type { Tab } from "./desk";
import { ago, languageName, words } from "./words";

export function ChannelIcon({ channel }: { channel: string }) {
  const icons = { telegram: IconBrandTelegram, slack: IconBrandSlack, rest: IconTerminal2 } as const;
  const Icon = icons[channel as keyof typeof icons] ?? IconMessage;
  return <Icon size={16} aria-label={channel} />;
}

const Item = memo(function Item({
  summary,
  selected,
  unread,
  waited,
  onPick,
}: {
  summary: Summary;
  selected: boolean;
  unread: boolean;
  waited: string | null;
  onPick: (id: string) => void;
}) {
  const { conversation, last, handoff } = summary;
  return (
    <UnstyledButton
      onClick={() => onPick(conversation.id)}
      aria-current={selected}
      data-conversation={conversation.id}
      p="sm"
      w="100%"
      style={{
        borderRadius: "var(--mantine-radius-md)",
        background: selected ? "var(--mantine-primary-color-light)" : undefined,
      }}
    >
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Group gap={6} wrap="nowrap" miw={0}>
          <ChannelIcon channel={conversation.channel} />
          <Indicator disabled={!unread} size={8} offset={-4} position="middle-end">
            <Text fw={unread ? 700 : 550} truncate dir="auto">
              {conversation.customer?.name ?? words.unnamed}
            </Text>
          </Indicator>
        </Group>
        <Text size="xs" c={waited && conversation.owner === "queue" ? "orange" : "dimmed"} style={{ flex: "none" }}>
          {waited}
        </Text>
      </Group>
      <Text size="sm" c="dimmed" lineClamp={1} dir="auto">
        {last?.text || "—"}
      </Text>
      <Group gap={6} mt={4}>
        <Badge size="xs" variant="light" color="gray" tt="none">
          {languageName(conversation.language)}
        </Badge>
        {handoff && handoff.state !== "done" && (
          <Badge size="xs" variant="light" color={handoff.reason === "error" ? "red" : "orange"} tt="none">
            {words.reasons[handoff.reason] ?? handoff.reason}
          </Badge>
        )}
        {handoff?.urgent && handoff.state !== "done" && (
          <Badge size="xs" variant="filled" color="red" tt="none">
            {words.urgent}
          </Badge>
        )}
        {conversation.owner === "agent" && (
          <Badge size="xs" variant="light" tt="none">
            {conversation.agent?.name}
          </Badge>
        )}
      </Group>
    </UnstyledButton>
  );
});

export function Conversations({
  tab,
  onTab,
  items,
  counts,
  selected,
  unread,
  now,
  next,
  onMore,
  onPick,
}: {
  tab: Tab;
  onTab: (tab: Tab) => void;
  items: Summary[];
  counts: Partial<Record<Tab, number>>;
  selected: string | undefined;
  unread: Record<string, boolean>;
  now: number;
  next: string | null;
  onMore: () => void;
  onPick: (id: string) => void;
}) {
  return (
    <Stack gap={0} h="100%">
      <Box p="sm">
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={words.lists}
          value={tab}
          onChange={(value) => onTab(value as Tab)}
          data={(Object.keys(words.tabs) as Tab[]).map((value) => ({
            value,
            label: counts[value] ? `${words.tabs[value]} ${counts[value]}` : words.tabs[value],
          }))}
        />
      </Box>
      <ScrollArea flex={1} px="xs" type="auto">
        {items.length === 0 && (
          <Center p="xl">
            <Text c="dimmed" size="sm">
              {words.nobody[tab]}
            </Text>
          </Center>
        )}
        <Stack component="ul" gap={2} p={0} m={0} pb="sm" aria-label={words.tabs[tab]}>
          {items.map((summary) => (
            <li key={summary.conversation.id} style={{ listStyle: "none" }}>
              <Item
                summary={summary}
                selected={summary.conversation.id === selected}
                unread={unread[summary.conversation.id] ?? false}
                waited={ago(summary.handoff?.opened_at ?? summary.conversation.updated_at, now)}
                onPick={onPick}
              />
            </li>
          ))}
          {next && (
            <Button variant="subtle" size="xs" onClick={onMore}>
              {words.more}
            </Button>
          )}
        </Stack>
      </ScrollArea>
    </Stack>
  );
}
