import { Group, Paper, SimpleGrid, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import type { Figures } from "../api/client";
import { useFormats } from "../i18n/formats";
import { Info } from "../shared/Info";
import { Section } from "../shared/Section";

/** A number, what it is of, and what that means. */
export function Tile({ label, is, value, beside }: { label: string; is: string; value: string; beside?: string }) {
  return (
    <Paper withBorder p="sm" role="group" aria-label={label}>
      <Group gap={4} justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed">
          {label}
        </Text>
        <Info>{is}</Info>
      </Group>
      <Text size="xl" fw={650}>
        {value}
      </Text>
      {beside && (
        <Text size="xs" c="dimmed">
          {beside}
        </Text>
      )}
    </Paper>
  );
}

const CONVERSATIONS = ["sessions", "active", "new"] as const;
const AUTHORS = ["customer", "bot", "agent", "system"] as const;

export function Totals({ found }: { found: Figures }) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <Section title={t("figures.totals")}>
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
        {CONVERSATIONS.map((name) => (
          <Tile
            key={name}
            label={t(`figures.conversations.${name}`)}
            is={t(`figures.conversationsAre.${name}`, { silence: formats.duration(found.period.silence * 60) })}
            value={formats.number(found.conversations[name])}
          />
        ))}
      </SimpleGrid>
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        {AUTHORS.map((name) => (
          <Tile
            key={name}
            label={t(`figures.messagesBy.${name}`)}
            is={t(`figures.messagesAre.${name}`)}
            value={formats.number(found.messages[name])}
          />
        ))}
      </SimpleGrid>
    </Section>
  );
}
