// How the version in shadow stands beside the one that serves.

import { Group, Paper, Progress, Table, Text, Title } from "@mantine/core";
import { useTranslations } from "use-intl";
import type { Agreement, Disagreement, Verdict } from "../api/client";
import { useFormats } from "../i18n/formats";
import { TextLink } from "../shared/links";
import { WideTable } from "../shared/WideTable";

export function AgreementPart({ agreement }: { agreement: Agreement }) {
  const t = useTranslations();
  const formats = useFormats();
  const { total } = agreement;
  return (
    <section>
      <Title order={2} size="h4" mb={4}>
        {t("models.agreement")}
      </Title>
      <Text c="dimmed" size="sm" mb="md">
        {t("models.agreementIs")}
      </Text>
      <Group mb="lg">
        <Figure label={t("models.agreed")} value={formats.percent(total.share, 1)} />
        <Figure label={t("models.compared")} value={formats.number(total.judged)} />
        <Figure label={t("models.failedOn")} value={formats.number(agreement.failed)} />
        <Figure label={t("models.dropped")} value={formats.number(agreement.dropped)} />
      </Group>
      <ByLanguage agreement={agreement} />
      <Title order={3} size="h5" mb="sm">
        {t("models.disagreements")}
      </Title>
      {agreement.disagreements.length === 0 ? (
        <Text c="dimmed">{t("models.noDisagreements")}</Text>
      ) : (
        <WideTable label={t("models.disagreements")} minWidth={640}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("models.message")}</Table.Th>
              <Table.Th>{t("models.serving")}</Table.Th>
              <Table.Th>{t("models.shadowing")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {agreement.disagreements.map((one) => (
              <Difference key={one.message} one={one} />
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </section>
  );
}

function ByLanguage({ agreement }: { agreement: Agreement }) {
  const t = useTranslations();
  const formats = useFormats();
  const languages = Object.entries(agreement.by_language).sort(([, a], [, b]) => b.judged - a.judged);
  return (
    languages.length > 0 && (
      <Table mb="xl" maw={560}>
        <Table.Tbody>
          {languages.map(([code, tally]) => (
            <Table.Tr key={code}>
              <Table.Td>{formats.language(code)}</Table.Td>
              <Table.Td w="40%">
                <Progress
                  value={(tally.share ?? 0) * 100}
                  aria-label={t("models.agreementIn", { language: formats.language(code) })}
                />
              </Table.Td>
              <Table.Td ta="end">{formats.percent(tally.share, 1)}</Table.Td>
              <Table.Td ta="end" c="dimmed">
                {formats.number(tally.judged)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    )
  );
}

function Difference({ one }: { one: Disagreement }) {
  return (
    <Table.Tr>
      <Table.Td maw={420}>
        <TextLink to="/c/$id" params={{ id: one.conversation }} lineClamp={2} dir="auto" size="sm">
          {one.text}
        </TextLink>
      </Table.Td>
      <Table.Td>
        <VerdictText verdict={one.champion} />
      </Table.Td>
      <Table.Td>
        {one.challenger ? (
          <VerdictText verdict={one.challenger} />
        ) : (
          <Text size="sm" c="var(--desk-bad)">
            {one.error}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function VerdictText({ verdict }: { verdict: Verdict }) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <Text size="sm">
      {verdict.in_scope ? verdict.intent : t("understood.outOfScope")}{" "}
      <Text span c="dimmed" size="sm">
        {formats.percent(verdict.confidence, 1)}
      </Text>
    </Text>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <Paper withBorder p="md" miw={150}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="xl" fw={650}>
        {value}
      </Text>
    </Paper>
  );
}
