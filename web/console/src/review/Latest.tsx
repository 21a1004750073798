// What was decided last, by whomever, so that it can be taken back.

import { Button, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import type { Label } from "../api/client";
import { LABELS, labelsQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { Section } from "../shared/Section";
import { ListSkeleton, Loaded } from "../shared/states";
import { WideTable } from "../shared/WideTable";

/** Decisions that are shown. */
const SHOWN = 10;

/** What was decided in one go, each with its verdicts. */
function decisions(labels: readonly Label[]): [Label, number][] {
  const acts = new Map<string, [Label, number]>();
  for (const label of labels) {
    const known = acts.get(label.act);
    acts.set(label.act, known ? [known[0], known[1] + 1] : [label, 1]);
  }
  // Where the list ends, so may a decision that goes on.
  const whole = labels.length < LABELS || acts.size === 1 ? acts.size : acts.size - 1;
  return [...acts.values()].slice(0, Math.min(SHOWN, whole));
}

export function Latest({ undo }: { undo: (act: string) => void }) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <Section title={t("review.latest")}>
      <Loaded query={useQuery(labelsQuery)} skeleton={<ListSkeleton rows={2} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t("review.noneYet")}</Text>
          ) : (
            <WideTable label={t("review.latest")} minWidth={640}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("review.message")}</Table.Th>
                  <Table.Th>{t("review.verdict")}</Table.Th>
                  <Table.Th>{t("review.by")}</Table.Th>
                  <Table.Td />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {decisions(items).map(([label, count]) => (
                  <Table.Tr key={label.act}>
                    <Table.Td maw={360}>
                      <Text size="sm" dir="auto" lineClamp={1}>
                        {label.text}
                      </Text>
                      {count > 1 && (
                        <Text size="xs" c="dimmed">
                          {t("review.andOthers", { count: count - 1 })}
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td>
                      {label.verdict === "intent" ? <bdi>{label.intent}</bdi> : t(`review.verdicts.${label.verdict}`)}
                    </Table.Td>
                    <Table.Td>
                      <bdi>{label.user}</bdi>, {formats.dateTime(label.at)}
                    </Table.Td>
                    <Table.Td ta="end">
                      <Button
                        size="xs"
                        variant="default"
                        onClick={() => undo(label.act)}
                        aria-label={t("review.undoOne", { text: label.text })}
                      >
                        {t("review.undo")}
                      </Button>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </WideTable>
          )
        }
      </Loaded>
    </Section>
  );
}
