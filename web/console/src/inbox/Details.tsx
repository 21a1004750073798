// What is known of the conversation that is open.

import { Box, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { conversationQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { useChannelName, useReason } from "./names";

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box>
      <Text size="xs" c="dimmed" mb={2}>
        {label}
      </Text>
      <Text size="sm" component="div" style={{ overflowWrap: "anywhere" }}>
        {children}
      </Text>
    </Box>
  );
}

function Slots({ slots }: { slots: Record<string, string> }) {
  return (
    <Table withRowBorders={false} verticalSpacing={2} horizontalSpacing={0} fz="sm">
      <Table.Tbody>
        {Object.entries(slots).map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Td c="dimmed" pe="sm">
              {name}
            </Table.Td>
            <Table.Td>
              <bdi>{value}</bdi>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function Details({ id }: { id: string }) {
  const t = useTranslations();
  const formats = useFormats();
  const reasonOf = useReason();
  const channelOf = useChannelName();
  const { data: opened } = useQuery(conversationQuery(id));
  if (!opened) {
    return null;
  }
  const { conversation, handoff } = opened;
  const slots = handoff?.slots ?? {};
  return (
    <Stack p="md" gap="md">
      <Title order={2} size="h5">
        {t("inbox.customer")}
      </Title>
      <Fact label={t("inbox.name")}>
        <bdi>{conversation.customer?.name ?? t("inbox.unnamed")}</bdi>
      </Fact>
      <Fact label={t("inbox.channel")}>{channelOf(conversation.channel)}</Fact>
      <Fact label={t("inbox.language")}>{conversation.language ? formats.language(conversation.language) : "–"}</Fact>
      <Fact label={t("inbox.since")}>{formats.dateTime(conversation.created_at)}</Fact>
      {handoff && (
        <>
          <Fact label={t("inbox.reason")}>
            {reasonOf(handoff.reason)}
            {handoff.intent ? ` (${handoff.intent})` : ""}
          </Fact>
          <Fact label={t("inbox.waitingSince")}>{formats.dateTime(handoff.opened_at)}</Fact>
        </>
      )}
      {Object.keys(slots).length > 0 && (
        <Fact label={t("inbox.collected")}>
          <Slots slots={slots} />
        </Fact>
      )}
      {conversation.flow && (
        <Fact label={t("inbox.flow", { name: conversation.flow.name })}>
          <Slots slots={conversation.flow.slots} />
        </Fact>
      )}
    </Stack>
  );
}
