import { Badge, Group, Paper, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { Section } from "../shared/Section";
import { WideTable } from "../shared/WideTable";
import type { Compared, Tests } from "./calls";
import { ShowMore } from "./ShowMore";
import { useIntentName } from "./useIntentName";

/** Rows that are shown at first. */
const FIRST = 12;

const COLORS = { better: "green", worse: "red", unclear: "gray" } as const;

/** How two versions stand: in all, by language and by intent. */
export function Standings({ compared }: { compared: Compared }) {
  const t = useTranslations();
  const formats = useFormats();
  const { accuracy, macro_f1: f1, verdict } = compared;
  return (
    <Stack gap="xl">
      <Stack gap="sm">
        <Group gap="sm">
          <Badge variant="light" tt="none" size="lg" color={COLORS[verdict]}>
            {t(`models.verdicts.${verdict}`)}
          </Badge>
          <Text size="sm" c="dimmed">
            {t("models.onSharedTests", { n: compared.n, out: compared.left_out })}
          </Text>
        </Group>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
          <Figure label={t("models.rightThis")} value={formats.percent(accuracy.this, 1)} />
          <Figure label={t("models.rightOther")} value={formats.percent(accuracy.other, 1)} />
          <Figure
            label={t("models.difference")}
            value={formats.points(accuracy.difference)}
            more={t("models.interval", { low: formats.points(accuracy.low), high: formats.points(accuracy.high) })}
          />
          <Figure
            label={t("models.macroF1")}
            value={formats.points(f1.difference)}
            more={t("models.interval", { low: formats.points(f1.low), high: formats.points(f1.high) })}
          />
        </SimpleGrid>
        <Text size="sm" c="dimmed">
          {t("models.intervalIs")}
        </Text>
      </Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <Rows title={t("models.byLanguage")} rows={compared.by_language} nameOf={formats.language} intervals />
        <ByIntent rows={compared.by_intent} />
      </SimpleGrid>
    </Stack>
  );
}

function ByIntent({ rows }: { rows: readonly Tests[] }) {
  const t = useTranslations();
  return <Rows title={t("models.byIntent")} rows={rows} nameOf={useIntentName()} />;
}

interface Given {
  title: string;
  rows: readonly Tests[];
  nameOf: (name: string) => string;
  intervals?: boolean;
}

/** What got worst stands first. */
function Rows({ title, rows, nameOf, intervals = false }: Given) {
  const t = useTranslations();
  const formats = useFormats();
  const [all, setAll] = useState(false);
  const sorted = [...rows].sort((a, b) => a.this - a.other - (b.this - b.other) || b.n - a.n);
  return (
    <Section title={title}>
      <WideTable label={title} minWidth={340} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Td />
            <Table.Th ta="end">{t("models.tests")}</Table.Th>
            <Table.Th ta="end">{t("models.thisRight")}</Table.Th>
            <Table.Th ta="end">{t("models.otherRight")}</Table.Th>
            <Table.Th ta="end">{t("models.change")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sorted.slice(0, all ? undefined : FIRST).map((row) => (
            <Table.Tr key={row.name}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{nameOf(row.name)}</Table.Td>
              <Table.Td ta="end">{formats.number(row.n)}</Table.Td>
              <Table.Td ta="end">{formats.percent(row.this / row.n, 0)}</Table.Td>
              <Table.Td ta="end">{formats.percent(row.other / row.n, 0)}</Table.Td>
              <Table.Td
                ta="end"
                c={row.this < row.other ? "var(--desk-bad)" : row.this > row.other ? "var(--desk-fine)" : "dimmed"}
                style={{ whiteSpace: "nowrap" }}
              >
                {formats.signed(row.this - row.other)}
                {intervals && row.interval && (
                  <Text size="xs" c="dimmed">
                    {t("models.interval", {
                      low: formats.points(row.interval.low),
                      high: formats.points(row.interval.high),
                    })}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {sorted.length > FIRST && <ShowMore all={all} setAll={setAll} count={sorted.length} />}
    </Section>
  );
}

function Figure({ label, value, more }: { label: string; value: string; more?: string }) {
  return (
    <Paper withBorder p="md">
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {label}
      </Text>
      <Text size="xl" fw={650}>
        {value}
      </Text>
      {more && (
        <Text size="xs" c="dimmed">
          {more}
        </Text>
      )}
    </Paper>
  );
}
