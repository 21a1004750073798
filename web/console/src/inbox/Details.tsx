// What is known of the conversation that is open, and of its customer. Loaded when it is shown.

import { Divider, Stack, Table, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { conversationQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { Customer } from "./Customer";
import { Fact } from "./Fact";
import { useChannelName, useReason } from "./names";
import { Tags } from "./Tags";
import { Ratings, Transcript } from "./Transcript";

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

export default function Details({ id }: { id: string }) {
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
        {t("inbox.conversation")}
      </Title>
      <Tags id={id} />
      <Fact label={t("inbox.channel")}>{channelOf(conversation.channel)}</Fact>
      <Fact label={t("inbox.language")}>{conversation.language ? formats.language(conversation.language) : "–"}</Fact>
      {conversation.intent && <Fact label={t("inbox.filters.intent")}>{conversation.intent}</Fact>}
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
      <Ratings conversation={conversation} />
      <Transcript id={id} />
      {conversation.customer && (
        <>
          <Divider />
          <Customer key={conversation.customer.id} id={conversation.customer.id} conversation={id} />
        </>
      )}
    </Stack>
  );
}
