// What was decided last, by whomever, so that it can be taken back.

import { Button, Group, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import type { Label } from "../api/client";
import { LABELS, labelsQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { TextLink } from "../shared/links";
import { atLeast } from "../shared/roles";
import { Section } from "../shared/Section";
import { ListSkeleton, Loaded } from "../shared/states";
import { WideTable } from "../shared/WideTable";
import { useTeach } from "../studio/Lessons";
import { lessonsQuery } from "../studio/queries";

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

/** The verdict; for admins with a way to teach it. */
function Taught({ label }: { label: Label }) {
  const t = useTranslations();
  const { me } = useSession();
  const admin = atLeast(me, "admin");
  const { data: lessons } = useQuery({ ...lessonsQuery, enabled: admin });
  const teach = useTeach();
  const { intent } = label;
  if (label.verdict !== "intent" || !intent) {
    return t(`review.verdicts.${label.verdict as "out_of_scope" | "dismissed"}`);
  }
  const lesson = lessons?.items.find((one) => one.intent === intent);
  const verdicts = lesson?.verdicts.filter(({ act }) => act === label.act) ?? [];
  return (
    <Group gap="xs">
      {admin && lesson?.known !== false ? (
        <TextLink to="/studio/intents/$name" params={{ name: intent }} size="sm">
          {intent}
        </TextLink>
      ) : (
        <bdi>{intent}</bdi>
      )}
      {verdicts.length > 0 &&
        (lesson?.known ? (
          <Button
            size="compact-xs"
            variant="light"
            loading={teach.isPending}
            onClick={() => teach.mutate({ intent, verdicts })}
            aria-label={t("studio.lessons.teachOne", { intent })}
          >
            {t("studio.lessons.teach")}
          </Button>
        ) : (
          <TextLink to="/studio/new" search={{ name: intent }} size="xs">
            {t("studio.lessons.make")}
          </TextLink>
        ))}
    </Group>
  );
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
                      <Taught label={label} />
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
