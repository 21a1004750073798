// How it was, as customers said after an agent closed: in numbers, by agent, and in words.

import { Badge, Button, Group, Paper, SimpleGrid, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import type { Figures, FiguresQuery } from "../api/client";
import { commentsQuery } from "../api/ratings";
import { useFormats } from "../i18n/formats";
import { TextLink } from "../shared/links";
import { Section } from "../shared/Section";
import { Loaded } from "../shared/states";
import { WideTable } from "../shared/WideTable";
import { Charted } from "./Chart";
import { Tile } from "./Totals";

/** The best first, from green to red. */
const SCORES = [
  ["5", "teal.7"],
  ["4", "teal.4"],
  ["3", "yellow.6"],
  ["2", "orange.6"],
  ["1", "red.7"],
] as const;
const BEST = 5;
const FEW = 5;

export function Ratings({ found, wanted }: { found: Figures; wanted: FiguresQuery }) {
  const t = useTranslations();
  const formats = useFormats();
  const { ratings, ratings_by_agent: agents } = found;
  const share = (count: number): string => formats.percent(ratings.answered > 0 ? count / ratings.answered : null);
  return (
    <Section title={t("figures.ratings.title")} note={t("figures.ratings.note")}>
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
        <Tile
          label={t("figures.ratings.mean")}
          is={t("figures.ratings.meanIs")}
          value={ratings.mean === null ? "–" : formats.decimal(ratings.mean)}
          beside={t("figures.ratings.ofBest", { best: BEST })}
        />
        <Tile
          label={t("figures.ratings.answered")}
          is={t("figures.ratings.answeredIs")}
          value={formats.number(ratings.answered)}
          beside={formats.percent(ratings.asked > 0 ? ratings.answered / ratings.asked : null)}
        />
        <Tile
          label={t("figures.ratings.asked")}
          is={t("figures.ratings.askedIs")}
          value={formats.number(ratings.asked)}
        />
      </SimpleGrid>
      {ratings.answered === 0 ? (
        <Text c="dimmed">{t("figures.ratings.none")}</Text>
      ) : (
        <Charted
          rows={SCORES.map(([score, color]) => ({
            name: t("figures.ratings.score", { score: Number(score) }),
            given: ratings.scores[score] ?? 0,
            color,
          }))}
          series={[{ name: "given", label: t("figures.ratings.answered"), color: "teal.7" }]}
        >
          <WideTable label={t("figures.ratings.title")} minWidth={280} verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("inbox.rating")}</Table.Th>
                <Table.Th ta="end">{t("figures.ratings.answered")}</Table.Th>
                <Table.Th ta="end">{t("figures.share")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {SCORES.map(([score]) => (
                <Table.Tr key={score}>
                  <Table.Th scope="row" fw={400}>
                    {t("figures.ratings.score", { score: Number(score) })}
                  </Table.Th>
                  <Table.Td ta="end">{formats.number(ratings.scores[score] ?? 0)}</Table.Td>
                  <Table.Td ta="end">{share(ratings.scores[score] ?? 0)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </WideTable>
        </Charted>
      )}
      {agents.length > 0 && <ByAgent agents={agents} />}
      {ratings.asked > 0 && <Comments wanted={wanted} />}
    </Section>
  );
}

function ByAgent({ agents }: { agents: Figures["ratings_by_agent"] }) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <WideTable label={t("figures.ratings.byAgent")} minWidth={360} verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("figures.ratings.agent")}</Table.Th>
          <Table.Th ta="end">{t("figures.ratings.mean")}</Table.Th>
          <Table.Th ta="end">{t("figures.ratings.answered")}</Table.Th>
          <Table.Th ta="end">{t("figures.ratings.asked")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {agents.map(({ agent, name, ratings }) => (
          <Table.Tr key={agent}>
            <Table.Th scope="row" fw={400}>
              <bdi>{name}</bdi>
            </Table.Th>
            <Table.Td ta="end">{ratings.mean === null ? "–" : formats.decimal(ratings.mean)}</Table.Td>
            <Table.Td ta="end">{formats.number(ratings.answered)}</Table.Td>
            <Table.Td ta="end">{formats.number(ratings.asked)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function Comments({ wanted }: { wanted: FiguresQuery }) {
  const t = useTranslations();
  const formats = useFormats();
  const [all, setAll] = useState(false);
  return (
    <Loaded query={useQuery(commentsQuery(wanted))} skeleton={<Skeleton h={80} />}>
      {({ items }) =>
        items.length === 0 ? null : (
          <Stack gap="xs" role="group" aria-label={t("figures.ratings.comments")}>
            <Text fw={600}>{t("figures.ratings.comments")}</Text>
            {items.slice(0, all ? items.length : FEW).map((one) => (
              <Paper key={`${one.conversation} ${one.asked_at}`} withBorder p="sm">
                <Group justify="space-between" wrap="nowrap" align="flex-start">
                  <Text size="sm" dir="auto" style={{ overflowWrap: "anywhere" }}>
                    {one.comment}
                  </Text>
                  {one.score !== null && (
                    <Badge variant="light" color="gray" tt="none" style={{ flex: "none" }}>
                      {t("figures.ratings.score", { score: one.score })}
                    </Badge>
                  )}
                </Group>
                <Text size="xs" c="dimmed" mt={4}>
                  <bdi>{one.agent_name}</bdi> · {formats.dateTime(one.asked_at)} ·{" "}
                  <TextLink to="/c/$id" params={{ id: one.conversation }} size="xs" underline="always">
                    {t("inbox.conversation")}
                  </TextLink>
                </Text>
              </Paper>
            ))}
            {items.length > FEW && (
              <Button
                variant="subtle"
                size="xs"
                style={{ alignSelf: "flex-start" }}
                onClick={() => setAll(!all)}
                aria-expanded={all}
              >
                {all ? t("figures.fewer") : t("figures.allOf", { count: items.length })}
              </Button>
            )}
          </Stack>
        )
      }
    </Loaded>
  );
}
