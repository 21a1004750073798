import { Group, Table, Text } from "@mantine/core";
import { useId, useMemo } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { Section } from "../shared/Section";
import { WideTable } from "../shared/WideTable";
import classes from "./Confidence.module.css";
import { histogramOf, type Judgement } from "./outcomes";

/** How sure the version was of what it told right, above the line, and wrong, below it. */
export function Confidence({ judgements }: { judgements: readonly Judgement[] }) {
  const t = useTranslations();
  const formats = useFormats();
  const bins = useMemo(() => histogramOf(judgements), [judgements]);
  const right = Math.max(1, ...bins.map((bin) => bin.right));
  const wrong = Math.max(1, ...bins.map((bin) => bin.wrong));
  const summary = useId();
  return (
    <Section title={t("models.confidence")} note={t("models.confidenceNote")}>
      <Group gap="lg" aria-hidden>
        <Text size="sm" className={classes.right}>
          {t("models.right")} ({formats.number(bins.reduce((sum, bin) => sum + bin.right, 0))})
        </Text>
        <Text size="sm" className={classes.wrong}>
          {t("models.wrong")} ({formats.number(bins.reduce((sum, bin) => sum + bin.wrong, 0))})
        </Text>
      </Group>
      <div className={classes.bins} aria-hidden>
        {bins.map((bin) => (
          <div
            key={bin.from}
            className={classes.bin}
            title={t("models.bin", {
              from: formats.percent(bin.from, 0),
              to: formats.percent(bin.to, 0),
              right: bin.right,
              wrong: bin.wrong,
            })}
          >
            <span className={classes.up}>
              <span style={{ blockSize: `${(100 * bin.right) / right}%` }} />
            </span>
            <span className={classes.down}>
              <span style={{ blockSize: `${(100 * bin.wrong) / wrong}%` }} />
            </span>
          </div>
        ))}
      </div>
      <Group justify="space-between" aria-hidden>
        {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
          <Text key={tick} size="xs" c="dimmed">
            {formats.percent(tick, 0)}
          </Text>
        ))}
      </Group>
      <details>
        <summary id={summary}>
          <Text span size="sm">
            {t("models.asTable")}
          </Text>
        </summary>
        <WideTable label={t("models.confidence")} minWidth={300} verticalSpacing={4} maw={480}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("models.confidenceFrom")}</Table.Th>
              <Table.Th ta="end">{t("models.right")}</Table.Th>
              <Table.Th ta="end">{t("models.wrong")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {bins.map((bin) => (
              <Table.Tr key={bin.from}>
                <Table.Td>{formats.percent(bin.from, 0)}</Table.Td>
                <Table.Td ta="end">{formats.number(bin.right)}</Table.Td>
                <Table.Td ta="end">{formats.number(bin.wrong)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      </details>
    </Section>
  );
}
