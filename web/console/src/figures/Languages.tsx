import { Table, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import type { Figures } from "../api/client";
import { useFormats } from "../i18n/formats";
import { Section } from "../shared/Section";
import { WideTable } from "../shared/WideTable";
import { Charted } from "./Chart";

/** Languages that are drawn; the table has all. */
const DRAWN = 12;

export function Languages({ languages }: { languages: Figures["languages"] }) {
  const t = useTranslations();
  const formats = useFormats();
  // What the model failed on has no language.
  const nameOf = (code: string): string => (code ? formats.language(code) : t("figures.languages.unknown"));
  const total = languages.reduce((sum, one) => sum + one.messages, 0);
  return (
    <Section title={t("figures.languages.title")} note={t("figures.languages.note")}>
      {languages.length === 0 ? (
        <Text c="dimmed">{t("figures.languages.none")}</Text>
      ) : (
        <Charted
          rows={languages.slice(0, DRAWN).map((one) => ({
            name: nameOf(one.language),
            messages: one.messages,
          }))}
          series={[{ name: "messages", label: t("figures.messages"), color: "teal.6" }]}
        >
          <WideTable label={t("figures.languages.title")} minWidth={320} verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("inbox.language")}</Table.Th>
                <Table.Th ta="end">{t("figures.messages")}</Table.Th>
                <Table.Th ta="end">{t("figures.share")}</Table.Th>
                <Table.Th ta="end">{t("inbox.lists")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {languages.map((one) => (
                <Table.Tr key={one.language}>
                  <Table.Th scope="row" fw={400}>
                    {nameOf(one.language)}
                  </Table.Th>
                  <Table.Td ta="end">{formats.number(one.messages)}</Table.Td>
                  <Table.Td ta="end">{formats.percent(one.messages / total)}</Table.Td>
                  <Table.Td ta="end">{formats.number(one.conversations)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </WideTable>
        </Charted>
      )}
    </Section>
  );
}
