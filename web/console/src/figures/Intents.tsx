// What customers wrote about, and where the bot did not answer by itself.

import { Button, SegmentedControl, Table, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslations } from "use-intl";
import type { Figures } from "../api/client";
import { useFormats } from "../i18n/formats";
import { Section } from "../shared/Section";
import { WideTable } from "../shared/WideTable";
import { Charted } from "./Chart";

const FEW = 10;
const LISTS = ["top", "failing"] as const;
const FAILURES = ["low_confidence", "clarified", "handed_over"] as const;
const COLORS = { low_confidence: "yellow.6", clarified: "orange.6", handed_over: "red.7" } as const;

export function Intents({ found }: { found: Figures }) {
  const t = useTranslations();
  const formats = useFormats();
  const [list, setList] = useState<(typeof LISTS)[number]>("top");
  const [whole, setWhole] = useState(false);
  const all = list === "top" ? found.top_intents : found.failing_intents;
  const intents = whole ? all : all.slice(0, FEW);
  const nameOf = (intent: string): string => (intent === "out_of_scope" ? t("understood.outOfScope") : intent);
  return (
    <Section title={t("figures.intents.title")} note={t("figures.intents.note")}>
      <SegmentedControl
        aria-label={t("figures.intents.title")}
        value={list}
        onChange={(value) => {
          setList(LISTS.find((name) => name === value) ?? "top");
          setWhole(false);
        }}
        data={LISTS.map((value) => ({ value, label: t(`figures.intentLists.${value}`) }))}
        style={{ alignSelf: "flex-start" }}
      />
      {all.length === 0 ? (
        <Text c="dimmed">{list === "top" ? t("figures.intents.none") : t("figures.intents.noneFailing")}</Text>
      ) : (
        <Charted
          rows={intents.slice(0, FEW).map((one) => ({
            name: nameOf(one.intent),
            answered: one.messages - one.failed,
            low_confidence: one.low_confidence,
            clarified: one.clarified,
            handed_over: one.handed_over,
          }))}
          series={[
            ...(list === "top" ? [{ name: "answered", label: t("figures.intents.answered"), color: "indigo.4" }] : []),
            ...FAILURES.map((name) => ({ name, label: t(`figures.failed.${name}`), color: COLORS[name] })),
          ]}
        >
          <WideTable label={t(`figures.intentLists.${list}`)} minWidth={500} verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("figures.intents.intent")}</Table.Th>
                <Table.Th ta="end">{t("figures.messages")}</Table.Th>
                {FAILURES.map((name) => (
                  <Table.Th key={name} ta="end">
                    {t(`figures.failed.${name}`)}
                  </Table.Th>
                ))}
                <Table.Th ta="end">{t("figures.intents.failed")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {intents.map((one) => (
                <Table.Tr key={one.intent}>
                  <Table.Th scope="row" fw={400} style={{ whiteSpace: "nowrap" }}>
                    <bdi>{nameOf(one.intent)}</bdi>
                  </Table.Th>
                  <Table.Td ta="end">{formats.number(one.messages)}</Table.Td>
                  {FAILURES.map((name) => (
                    <Table.Td key={name} ta="end">
                      {formats.number(one[name])}
                    </Table.Td>
                  ))}
                  <Table.Td ta="end" style={{ whiteSpace: "nowrap" }}>
                    {formats.number(one.failed)} ({formats.percent(one.failed / one.messages)})
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </WideTable>
          {all.length > FEW && (
            <Button variant="subtle" size="xs" mt="xs" onClick={() => setWhole(!whole)} aria-expanded={whole}>
              {whole ? t("figures.fewer") : t("figures.allOf", { count: all.length })}
            </Button>
          )}
        </Charted>
      )}
    </Section>
  );
}
