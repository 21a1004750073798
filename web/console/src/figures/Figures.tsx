// What happened in a period: how much, how it ended, how long people waited, what about, and when.

import { Box, Button, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { IconChartBar, IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { exportUrl, type FiguresQuery, type Figures as Found } from "../api/client";
import { figuresQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { useNow } from "../shared/clock";
import { Page } from "../shared/Page";
import { EmptyState, Loaded } from "../shared/states";
import { Endings } from "./Endings";
import { Filters } from "./Filters";
import { Handoffs } from "./Handoffs";
import { Intents } from "./Intents";
import { Languages } from "./Languages";
import { Load } from "./Load";
import { queryOf } from "./period";
import { Ratings } from "./Ratings";
import { Totals } from "./Totals";

/** Milliseconds after which it may be another day. */
const MINUTE = 60_000;

export default function Figures() {
  const t = useTranslations();
  const search = useSearch({ from: "/pages/figures" });
  const wanted = queryOf(search, new Date(useNow(MINUTE)));
  const figures = useQuery(figuresQuery(wanted));
  const csv = (
    <Button
      component="a"
      href={exportUrl("/api/v1/figures.csv", wanted)}
      download
      variant="default"
      leftSection={<IconDownload size={16} />}
    >
      {t("figures.csv")}
    </Button>
  );
  return (
    <Page title={t("navigation.figures")} actions={csv}>
      <Filters search={search} wanted={wanted} />
      <Loaded query={figures} skeleton={<Waiting />}>
        {(found) => (
          <Box aria-busy={figures.isPlaceholderData} opacity={figures.isPlaceholderData ? 0.5 : 1}>
            <Shown found={found} wanted={wanted} />
          </Box>
        )}
      </Loaded>
    </Page>
  );
}

const happened = ({ conversations, messages, handoffs, ratings }: Found): boolean =>
  conversations.active + conversations.sessions + handoffs.total + ratings.asked > 0 ||
  Object.values(messages).some((count) => count > 0);

function Shown({ found, wanted }: { found: Found; wanted: FiguresQuery }) {
  const t = useTranslations();
  const formats = useFormats();
  const { since, until, zone } = found.period;
  // The period ends before `until`.
  const last = new Date(Date.parse(until) - 1).toISOString();
  return (
    <Stack gap="xl">
      <Text size="sm" c="dimmed" role="status">
        {t("figures.covers", { since: formats.dateIn(since, zone), until: formats.dateIn(last, zone), zone })}
      </Text>
      {happened(found) ? (
        <>
          <Totals found={found} />
          <Endings found={found} />
          <Handoffs handoffs={found.handoffs} />
          <Ratings found={found} wanted={wanted} />
          <Intents found={found} />
          <Languages languages={found.languages} />
          <Load load={found.load} />
        </>
      ) : (
        <EmptyState icon={IconChartBar} title={t("figures.nothing")}>
          {t("figures.nothingHow")}
        </EmptyState>
      )}
    </Stack>
  );
}

function Waiting() {
  const t = useTranslations();
  return (
    <Stack gap="xl" role="status" aria-label={t("states.loading")}>
      <SimpleGrid cols={{ base: 2, sm: 4 }}>
        {Array.from({ length: 8 }, (_, tile) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
          <Skeleton key={tile} h={84} />
        ))}
      </SimpleGrid>
      <Skeleton h={300} />
      <Skeleton h={200} />
    </Stack>
  );
}
