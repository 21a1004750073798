// What is handed over against what is answered wrongly, and the threshold between the two, which is chosen and saved.

import { Alert, Button, Group, Paper, SegmentedControl, SimpleGrid, Slider, Stack, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import { useTranslations } from "use-intl";
import { ApiError } from "../api/errors";
import { useFormats } from "../i18n/formats";
import { useComplain } from "../shared/complain";
import { Section } from "../shared/Section";
import { Loaded } from "../shared/states";
import { WideTable } from "../shared/WideTable";
import { Curve } from "./Curve";
import { putThresholds, type Thresholds, thresholdsQuery } from "./calls";
import {
  byLanguage,
  curveOf,
  handedOver,
  type Judgement,
  type Kind,
  type Outcome,
  outcomeOf,
  type Rule,
  rangeOf,
  STEP,
  wrongOf,
} from "./outcomes";

interface Given {
  judgements: readonly Judgement[];
  serves: boolean;
}

export function Threshold(given: Given) {
  const t = useTranslations();
  const thresholds = useQuery(thresholdsQuery);
  return (
    <Section title={t("models.threshold")} note={t("models.thresholdNote")}>
      <Loaded query={thresholds}>{(saved) => <Choosing {...given} saved={saved} />}</Loaded>
    </Section>
  );
}

const ruleOf = ({ answer, max_error }: Thresholds): Rule =>
  max_error === null ? { kind: "answer", at: answer ?? 0 } : { kind: "max_error", at: max_error };

function Choosing({ judgements, serves, saved }: Given & { saved: Thresholds }) {
  const t = useTranslations();
  const formats = useFormats();
  const client = useQueryClient();
  const complain = useComplain();
  const savedRule = ruleOf(saved);
  const [rule, setRule] = useState<Rule>();
  const chosen = rule ?? savedRule;
  const { kind } = chosen;
  const range = rangeOf(kind, savedRule);
  const [from, to] = range;
  const points = useMemo(() => curveOf(judgements, kind, [from, to]), [judgements, kind, from, to]);
  const now = outcomeOf(judgements, chosen);
  const before = outcomeOf(judgements, savedRule);
  const changed = chosen.kind !== savedRule.kind || Math.abs(chosen.at - savedRule.at) > 1e-9;
  const tooLow = kind === "answer" && chosen.at < saved.clarify;

  const save = useMutation({
    mutationFn: () =>
      putThresholds(saved.etag, {
        clarify: saved.clarify,
        answer: kind === "answer" ? chosen.at : null,
        max_error: kind === "max_error" ? chosen.at : null,
      }),
    onSuccess: (now_) => {
      client.setQueryData(thresholdsQuery.queryKey, now_);
      setRule(undefined);
    },
    onError: (error) => {
      complain(error);
      if (error instanceof ApiError && error.status === 412) {
        void client.invalidateQueries({ queryKey: thresholdsQuery.queryKey });
      }
    },
  });

  const choose = (at: number): void => setRule({ kind, at });
  /** The same share handed over, as far as the other way of saying it allows. */
  const change = (to: Kind): void => {
    if (to === savedRule.kind) {
      setRule(to === kind ? rule : savedRule);
      return;
    }
    const curve = curveOf(judgements, to, rangeOf(to, savedRule));
    const handed = handedOver(now);
    const near = curve.reduce((best, point) =>
      Math.abs(point.handed - handed) < Math.abs(best.handed - handed) ? point : best,
    );
    setRule({ kind: to, at: near.at });
  };
  const shown = (at: number): string => formats.percent(at, kind === "answer" ? 0 : 1);
  return (
    <Stack gap="lg">
      <SegmentedControl
        value={kind}
        onChange={(value) => change(value as Kind)}
        data={[
          { value: "answer", label: t("models.kindOf.answer") },
          { value: "max_error", label: t("models.kindOf.max_error") },
        ]}
        aria-label={t("models.threshold")}
        style={{ alignSelf: "flex-start" }}
      />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <Curve points={points} chosen={now} saved={before} choose={choose} />
        <Stack gap="md">
          <SimpleGrid cols={2} role="status" aria-live="polite">
            <Total label={t("models.handedOver")} now={handedOver(now)} before={handedOver(before)} changed={changed} />
            <Total label={t("models.wrongAnswers")} now={wrongOf(now)} before={wrongOf(before)} changed={changed} />
          </SimpleGrid>
          <div>
            <Text size="sm" fw={600} id="threshold-label">
              {t(`models.sliders.${kind}`, { value: shown(chosen.at) })}
            </Text>
            <Slider
              mt="sm"
              mb="lg"
              min={from}
              max={to}
              step={STEP[kind]}
              value={chosen.at}
              onChange={choose}
              label={shown}
              thumbProps={{ "aria-labelledby": "threshold-label" }}
              thumbValueText={shown}
              marks={[{ value: from }, { value: to }].map(({ value }) => ({ value, label: shown(value) }))}
            />
          </div>
          <Text size="sm" c="dimmed">
            {t("models.ofTests", { answered: now.answered, wrong: now.wrong, n: now.n })}
          </Text>
          {tooLow && (
            <Alert color="orange">{t("models.belowClarify", { value: formats.percent(saved.clarify, 0) })}</Alert>
          )}
          {!serves && <Text size="sm">{t("models.thresholdOfAnother")}</Text>}
          <Group>
            <Button disabled={!changed || tooLow} loading={save.isPending} onClick={() => save.mutate()}>
              {t("models.saveThreshold")}
            </Button>
            <Button variant="default" disabled={!changed} onClick={() => setRule(undefined)}>
              {t("models.resetThreshold")}
            </Button>
          </Group>
        </Stack>
      </SimpleGrid>
      <Languages judgements={judgements} rule={chosen} saved={savedRule} changed={changed} />
    </Stack>
  );
}

function Total({ label, now, before, changed }: { label: string; now: number; before: number; changed: boolean }) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <Paper withBorder p="md">
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="xl" fw={650}>
        {formats.percent(now, 1)}
      </Text>
      <Text size="xs" c="dimmed" style={{ visibility: changed ? "visible" : "hidden" }}>
        {t("models.asSaved", { value: formats.percent(before, 1) })}
      </Text>
    </Paper>
  );
}

interface LanguagesGiven {
  judgements: readonly Judgement[];
  rule: Rule;
  saved: Rule;
  changed: boolean;
}

function Languages({ judgements, rule, saved, changed }: LanguagesGiven) {
  const t = useTranslations();
  const formats = useFormats();
  const deferred = useDeferredValue(rule);
  const rows = useMemo(() => byLanguage(judgements, deferred), [judgements, deferred]);
  const before = useMemo(() => new Map(byLanguage(judgements, saved)), [judgements, saved]);
  const cell = (figure: (outcome: Outcome) => number, language: string, outcome: Outcome) => {
    const was = before.get(language);
    return (
      <Table.Td ta="end">
        {formats.percent(figure(outcome), 1)}
        {changed && was && (
          <Text span size="xs" c="dimmed" ms={6}>
            {t("models.asSaved", { value: formats.percent(figure(was), 1) })}
          </Text>
        )}
      </Table.Td>
    );
  };
  return (
    <WideTable label={t("models.thresholdLanguages")} minWidth={350} verticalSpacing={6}>
      <Table.Caption>{t("models.thresholdLanguages")}</Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("inbox.language")}</Table.Th>
          <Table.Th ta="end">{t("models.tests")}</Table.Th>
          <Table.Th ta="end">{t("models.handedOver")}</Table.Th>
          <Table.Th ta="end">{t("models.wrongAnswers")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([language, outcome]) => (
          <Table.Tr key={language}>
            <Table.Td>{formats.language(language)}</Table.Td>
            <Table.Td ta="end">{formats.number(outcome.n)}</Table.Td>
            {cell(handedOver, language, outcome)}
            {cell(wrongOf, language, outcome)}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
