// Of which channel and language something is shown.

import { NativeSelect, Select } from "@mantine/core";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { CHANNEL_NAMES, useChannelName } from "../inbox/names";

interface Chosen {
  value: string | undefined;
  choose: (value: string | undefined) => void;
}

export function ChannelFilter({ value, choose }: Chosen) {
  const t = useTranslations();
  const nameOf = useChannelName();
  const channels = value && !CHANNEL_NAMES.includes(value) ? [...CHANNEL_NAMES, value] : CHANNEL_NAMES;
  return (
    <NativeSelect
      label={t("inbox.channel")}
      value={value ?? ""}
      onChange={(event) => choose(event.currentTarget.value || undefined)}
      data={[
        { value: "", label: t("figures.anyChannel") },
        ...channels.map((name) => ({ value: name, label: nameOf(name) })),
      ]}
    />
  );
}

/** `known` are those that there is anything in. */
export function LanguageFilter({ value, choose, known }: Chosen & { known: readonly string[] }) {
  const t = useTranslations();
  const formats = useFormats();
  const codes = [...new Set(value ? [...known, value] : known)];
  return (
    <Select
      label={t("inbox.language")}
      placeholder={t("figures.anyLanguage")}
      searchable
      clearable
      clearButtonProps={{ "aria-label": t("figures.anyLanguage"), tabIndex: 0 }}
      value={value ?? null}
      onChange={(code) => choose(code ?? undefined)}
      data={codes.map((code) => ({ value: code, label: formats.language(code) }))}
      nothingFoundMessage={t("figures.noneFound")}
    />
  );
}
