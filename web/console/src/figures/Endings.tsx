// How sessions ended. There are many ways, and no rate that makes one number of them.

import { ColorSwatch, Group, Table, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import type { Figures } from "../api/client";
import { useFormats } from "../i18n/formats";
import { Section } from "../shared/Section";
import { WideTable } from "../shared/WideTable";
import { Charted } from "./Chart";

const ENDINGS = [
  ["confirmed", "teal.7"],
  ["assumed", "teal.4"],
  ["doubtful", "yellow.6"],
  ["clarification", "orange.5"],
  ["question", "orange.7"],
  ["waiting", "red.7"],
  ["human", "indigo.5"],
  ["nothing_asked", "gray.4"],
  ["open", "gray.6"],
] as const;

const ABANDONED = ["clarification", "question", "waiting"] as const;

export function Endings({ found }: { found: Figures }) {
  const t = useTranslations();
  const formats = useFormats();
  const { abandoned, ...others } = found.containment;
  const counts = { ...others, ...abandoned };
  const { sessions } = found.conversations;
  const silence = formats.duration(found.period.silence * 60);
  const left = ABANDONED.reduce((sum, name) => sum + abandoned[name], 0);
  const share = (count: number): string => formats.percent(sessions > 0 ? count / sessions : null);
  return (
    <Section title={t("figures.endings.title")} note={t("figures.endings.note")}>
      <Charted
        rows={ENDINGS.map(([name, color]) => ({ name: t(`figures.ending.${name}`), sessions: counts[name], color }))}
        series={[{ name: "sessions", label: t("figures.conversations.sessions"), color: "teal.7" }]}
      >
        <WideTable label={t("figures.endings.title")} minWidth={320} verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("figures.endings.how")}</Table.Th>
              <Table.Th ta="end">{t("figures.conversations.sessions")}</Table.Th>
              <Table.Th ta="end">{t("figures.share")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {ENDINGS.map(([name, color]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={400}>
                  <Group gap={8} wrap="nowrap" align="flex-start">
                    <ColorSwatch
                      size={12}
                      mt={5}
                      color={`var(--mantine-color-${color.replace(".", "-")})`}
                      aria-hidden
                      style={{ flex: "none" }}
                    />
                    <div>
                      <Text size="sm" fw={600}>
                        {t(`figures.ending.${name}`)}
                      </Text>
                      <Text size="xs" c="dimmed">
                        {t(`figures.endingIs.${name}`, { silence })}
                      </Text>
                    </div>
                  </Group>
                </Table.Th>
                <Table.Td ta="end">{formats.number(counts[name])}</Table.Td>
                <Table.Td ta="end">{share(counts[name])}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
          <Table.Tfoot>
            <Table.Tr>
              <Table.Th scope="row">{t("figures.endings.abandoned")}</Table.Th>
              <Table.Td ta="end">{formats.number(left)}</Table.Td>
              <Table.Td ta="end">{share(left)}</Table.Td>
            </Table.Tr>
            <Table.Tr>
              <Table.Th scope="row">{t("figures.endings.all")}</Table.Th>
              <Table.Td ta="end">{formats.number(sessions)}</Table.Td>
              <Table.Td />
            </Table.Tr>
          </Table.Tfoot>
        </WideTable>
      </Charted>
    </Section>
  );
}
