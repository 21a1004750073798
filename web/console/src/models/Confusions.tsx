// What is taken for what: the most frequent confusions as a list, and the matrix of the intents that they are about.

import { Button, Group, Stack, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { Section } from "../shared/Section";
import classes from "./Confusions.module.css";
import { type Confusion, confusionsOf, type Judgement, matrixOf } from "./outcomes";
import { useIntentName } from "./useIntentName";

/** Confusions and intents that are shown at first. */
const FIRST = 10;
const SHOWN = 14;
const MOST = 100;

export function Confusions({ judgements }: { judgements: readonly Judgement[] }) {
  const t = useTranslations();
  const confusions = useMemo(() => confusionsOf(judgements), [judgements]);
  const [all, setAll] = useState(false);
  return (
    <Section title={t("models.confusions")} note={t("models.confusionsNote")}>
      {confusions.length === 0 ? (
        <Text c="dimmed">{t("models.noConfusions")}</Text>
      ) : (
        <Stack gap="md">
          <Stack gap={4} component="ul" m={0} p={0}>
            {confusions.slice(0, all ? MOST : FIRST).map((one) => (
              <One key={`${one.expected} ${one.intent}`} confusion={one} most={confusions[0]?.judgements.length ?? 1} />
            ))}
          </Stack>
          {confusions.length > FIRST && (
            <Group>
              <Button size="xs" variant="default" onClick={() => setAll(!all)} aria-expanded={all}>
                {all ? t("models.fewer") : t("models.allOf", { count: Math.min(MOST, confusions.length) })}
              </Button>
            </Group>
          )}
          <MatrixTable judgements={judgements} />
        </Stack>
      )}
    </Section>
  );
}

function One({ confusion, most }: { confusion: Confusion; most: number }) {
  const t = useTranslations();
  const formats = useFormats();
  const nameOf = useIntentName();
  const [open, setOpen] = useState(false);
  const { expected, intent, judgements } = confusion;
  return (
    <li className={classes.one}>
      <UnstyledButton className={classes.head} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={classes.bar} aria-hidden>
          <span style={{ inlineSize: `${(100 * judgements.length) / most}%` }} />
        </span>
        <Text span size="sm" className={classes.pair}>
          {t("models.takenFor", { expected: nameOf(expected), intent: nameOf(intent) })}
        </Text>
        <Text span size="sm" fw={650}>
          {formats.number(judgements.length)}
        </Text>
      </UnstyledButton>
      {open && (
        <Stack gap={6} component="ul" className={classes.texts}>
          {judgements.map((one) => (
            <li key={`${one.language} ${one.text}`}>
              <Text size="sm" dir="auto" component="span" className={classes.text}>
                {one.text}
              </Text>
              <Text size="xs" c="dimmed">
                {formats.language(one.language)} · {formats.percent(one.confidence, 0)}
              </Text>
            </li>
          ))}
        </Stack>
      )}
    </li>
  );
}

function MatrixTable({ judgements }: { judgements: readonly Judgement[] }) {
  const t = useTranslations();
  const formats = useFormats();
  const nameOf = useIntentName();
  const [whole, setWhole] = useState(false);
  const matrix = useMemo(() => matrixOf(judgements, whole ? Number.POSITIVE_INFINITY : SHOWN), [judgements, whole]);
  const count = useMemo(() => new Set(judgements.flatMap((one) => [one.expected, one.intent])).size, [judgements]);
  const most = Math.max(1, ...matrix.counts.flatMap((row, at) => row.filter((_, column) => column !== at)));
  const beyond = matrix.others.some((other) => other > 0);
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        {t("models.matrix")}
      </Text>
      <Text size="sm" c="dimmed">
        {t("models.matrixNote")}
      </Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section className={classes.scroll} aria-label={t("models.matrix")} tabIndex={0}>
        <table className={classes.matrix}>
          <thead>
            <tr>
              <th scope="col" className={classes.corner}>
                <VisuallyHidden>{t("models.expected")}</VisuallyHidden>
              </th>
              {matrix.intents.map((intent) => (
                <th key={intent} scope="col" className={classes.column}>
                  <span>{nameOf(intent)}</span>
                </th>
              ))}
              {beyond && (
                <th scope="col" className={classes.column}>
                  <span>{t("models.others")}</span>
                </th>
              )}
              <th scope="col" className={classes.column}>
                <span>{t("models.tests")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {matrix.intents.map((intent, row) => (
              <tr key={intent}>
                <th scope="row">{nameOf(intent)}</th>
                {(matrix.counts[row] ?? []).map((told, column) => (
                  <Cell
                    // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                    key={column}
                    told={told}
                    share={told / (row === column ? Math.max(1, matrix.totals[row] ?? 1) : most)}
                    right={row === column}
                  />
                ))}
                {beyond && (
                  <Cell told={matrix.others[row] ?? 0} share={(matrix.others[row] ?? 0) / most} right={false} />
                )}
                <td className={classes.total}>{formats.number(matrix.totals[row] ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {count > SHOWN && (
        <Group>
          <Button size="xs" variant="default" onClick={() => setWhole(!whole)} aria-expanded={whole}>
            {whole ? t("models.fewer") : t("models.allIntents", { count })}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** The shade that is mixed in, in percent: enough to be seen for one, and text stays readable on the darkest. */
const shadeOf = (share: number): number => Math.round(10 + 22 * Math.min(1, share));

function Cell({ told, share, right }: { told: number; share: number; right: boolean }) {
  const formats = useFormats();
  const color = right ? "var(--mantine-color-green-6)" : "var(--mantine-color-red-6)";
  return (
    <td
      data-right={right || undefined}
      style={told > 0 ? { background: `color-mix(in srgb, ${color} ${shadeOf(share)}%, transparent)` } : undefined}
    >
      {told > 0 ? formats.number(told) : ""}
    </td>
  );
}
