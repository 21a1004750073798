// What the figures are of. All of it is in the address, so a link shows somebody else the same.

import { NativeSelect, Select, SimpleGrid, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslations } from "use-intl";
import type { FiguresQuery } from "../api/client";
import { figuresQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { ChannelFilter, LanguageFilter } from "../shared/filters";
import { type FiguresSearch, ownZone, PERIODS, type Period, SILENCE, SILENCES } from "./period";

export function Filters({ search, wanted }: { search: FiguresSearch; wanted: FiguresQuery }) {
  const t = useTranslations();
  const formats = useFormats();
  const navigate = useNavigate();
  const change = (changed: FiguresSearch): void =>
    void navigate({ to: "/figures", search: { ...search, ...changed }, replace: true });

  const { language: _, ...ofAll } = wanted;
  const { data: all } = useQuery(figuresQuery(ofAll));
  const zone = search.zone ?? ownZone();
  const zones = useMemo(() => [...new Set([zone, ownZone(), "UTC", ...Intl.supportedValuesOf("timeZone")])], [zone]);
  const silence = search.silence ?? SILENCE;
  const silences = [...new Set<number>([...SILENCES, silence])].sort((a, b) => a - b);

  // A period of one's own begins with the days that are shown.
  const choosePeriod = (period: Period): void =>
    change({
      period,
      since: period === "custom" ? wanted.since : undefined,
      until: period === "custom" ? wanted.until : undefined,
    });
  return (
    <SimpleGrid
      component="search"
      aria-label={t("figures.filters")}
      cols={{ base: 2, md: 5 }}
      spacing="sm"
      style={{ alignItems: "end" }}
    >
      <NativeSelect
        label={t("figures.period")}
        value={search.period ?? "days7"}
        onChange={(event) => choosePeriod(event.currentTarget.value as Period)}
        data={PERIODS.map((value) => ({ value, label: t(`figures.periods.${value}`) }))}
      />
      <Select
        label={t("figures.zone")}
        searchable
        limit={100}
        value={zone}
        onChange={(name) => name && change({ zone: name })}
        data={zones}
        allowDeselect={false}
        nothingFoundMessage={t("figures.noneFound")}
      />
      <ChannelFilter value={search.channel} choose={(channel) => change({ channel })} />
      <LanguageFilter
        value={search.language}
        choose={(language) => change({ language })}
        known={all?.languages.map((one) => one.language).filter(Boolean) ?? []}
      />
      <NativeSelect
        label={t("figures.silence")}
        value={silence}
        onChange={(event) => change({ silence: Number(event.currentTarget.value) })}
        data={silences.map((minutes) => ({ value: `${minutes}`, label: formats.duration(minutes * 60) }))}
      />
      {search.period === "custom" && (
        <>
          <TextInput
            type="date"
            label={t("figures.since")}
            value={wanted.since ?? ""}
            max={wanted.until}
            onChange={(event) => event.currentTarget.value && change({ since: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label={t("figures.until")}
            value={wanted.until ?? ""}
            min={wanted.since}
            onChange={(event) => event.currentTarget.value && change({ until: event.currentTarget.value })}
          />
        </>
      )}
    </SimpleGrid>
  );
}
