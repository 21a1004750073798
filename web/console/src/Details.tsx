import { Box, Stack, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Summary } from "./api";
import { languageName, words } from "./words";

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="sm" component="div" dir="auto" style={{ overflowWrap: "anywhere" }}>
        {children}
      </Text>
    </Box>
  );
}

function Slots({ slots }: { slots: Record<string, string> }) {
  return (
    <Table withRowBorders={false} verticalSpacing={2} fz="sm">
      <Table.Tbody>
        {Object.entries(slots).map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Td c="dimmed" pl={0}>
              {name}
            </Table.Td>
            <Table.Td dir="auto">{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function Details({ summary }: { summary: Summary }) {
  const { conversation, handoff } = summary;
  const slots = handoff?.slots ?? {};
  return (
    <Stack p="md" gap="sm">
      <Fact label={words.customer}>{conversation.customer?.name ?? words.unnamed}</Fact>
      <Fact label={words.channel}>{conversation.channel}</Fact>
      <Fact label={words.language}>{languageName(conversation.language)}</Fact>
      {handoff && (
        <>
          <Fact label={words.reason}>
            {words.reasons[handoff.reason] ?? handoff.reason}
            {handoff.intent ? ` (${handoff.intent})` : ""}
          </Fact>
          <Fact label={words.waitingSince}>{new Date(handoff.opened_at).toLocaleString()}</Fact>
        </>
      )}
      {Object.keys(slots).length > 0 && (
        <Fact label={words.collected}>
          <Slots slots={slots} />
        </Fact>
      )}
      {conversation.flow && (
        <Fact label={`${words.flow}: ${conversation.flow.name}`}>
          <Slots slots={conversation.flow.slots} />
        </Fact>
      )}
    </Stack>
  );
}
