// In which order conversations are listed, and which of them. Loaded when somebody asks for it.

import { Button, MultiSelect, SegmentedControl, Stack, TagsInput, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import type { InboxItem } from "../api/client";
import { cannedQuery, tagsQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { type Filter, SORTS, type Sort, type Filters as Wanted } from "./lists";
import { CHANNELS, useChannelName } from "./names";
import { SENTIMENTS } from "./Sentiment";

/** Values that are there to be chosen: known ones, those of conversations that were read, and the chosen ones. */
const choices = (...lists: (readonly (string | null)[])[]): string[] =>
  [...new Set(lists.flat().filter((value): value is string => Boolean(value)))].sort();

export default function Filters({
  filters,
  sort,
  onFilter,
  onSort,
}: {
  filters: Wanted;
  sort: Sort;
  onFilter: (filters: Wanted) => void;
  onSort: (sort: Sort) => void;
}) {
  const t = useTranslations();
  const formats = useFormats();
  const channelOf = useChannelName();
  const client = useQueryClient();
  const { data: canned } = useQuery(cannedQuery);
  const { data: tags } = useQuery(tagsQuery);
  const seen = client
    .getQueriesData<{ pages: { items: InboxItem[] }[] }>({ queryKey: ["inbox"] })
    .flatMap(([, list]) => list?.pages.flatMap((page) => page.items) ?? [])
    .map((item) => item.conversation);
  const set = (name: Filter) => (values: string[]) => onFilter({ ...filters, [name]: values });
  const field = (name: Filter) => ({
    label: t(`inbox.filters.${name}`),
    size: "xs" as const,
    value: filters[name] ?? [],
    onChange: set(name),
    comboboxProps: { withinPortal: false },
  });
  return (
    <Stack gap="xs" w={280}>
      <Text size="xs" fw={500}>
        {t("inbox.filters.order")}
      </Text>
      <SegmentedControl
        size="xs"
        aria-label={t("inbox.filters.order")}
        value={sort}
        onChange={(value) => onSort(value as Sort)}
        data={SORTS.map((value) => ({ value, label: t(`inbox.sorts.${value}`) }))}
      />
      <MultiSelect
        {...field("channel")}
        data={choices(
          Object.keys(CHANNELS),
          seen.map((one) => one.channel),
          filters.channel ?? [],
        ).map((value) => ({
          value,
          label: channelOf(value),
        }))}
      />
      <MultiSelect
        {...field("language")}
        searchable
        data={choices(
          canned?.languages ?? [],
          seen.map((one) => one.language),
          filters.language ?? [],
        ).map((value) => ({
          value,
          label: formats.language(value),
        }))}
      />
      <TagsInput {...field("intent")} data={choices(seen.map((one) => one.intent))} />
      <MultiSelect
        {...field("sentiment")}
        data={SENTIMENTS.map((value) => ({ value, label: t(`understood.sentiments.${value}`) }))}
      />
      <MultiSelect
        {...field("tag")}
        searchable
        data={choices(tags?.items.map(({ tag }) => tag) ?? [], filters.tag ?? [])}
      />
      <Button size="xs" variant="default" disabled={Object.keys(filters).length === 0} onClick={() => onFilter({})}>
        {t("inbox.filters.clear")}
      </Button>
    </Stack>
  );
}
