// What the forms of teams, skills and agents have in common.

import { MultiSelect, NumberInput, TagsInput } from "@mantine/core";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { REASONS, useReason } from "../inbox/names";
import { LANGUAGES } from "../shared/languages";

interface Field<T> {
  value: T;
  onChange: (value: T) => void;
}

export function LanguagesField(field: Field<string[]>) {
  const t = useTranslations();
  const formats = useFormats();
  const codes = [...new Set([...LANGUAGES, ...field.value])];
  return (
    <MultiSelect
      {...field}
      label={t("teams.languages")}
      searchable
      clearable
      clearButtonProps={{ "aria-label": t("teams.clear", { name: t("teams.languages") }) }}
      data={codes
        .map((value) => ({ value, label: formats.language(value) }))
        .sort((a, b) => a.label.localeCompare(b.label))}
    />
  );
}

export function ReasonsField(field: Field<string[]>) {
  const t = useTranslations();
  const reasonOf = useReason();
  return (
    <MultiSelect
      {...field}
      label={t("teams.reasons")}
      searchable
      data={REASONS.map((value) => ({ value, label: reasonOf(value) }))}
    />
  );
}

export function IntentsField({ known, ...field }: Field<string[]> & { known: readonly string[] }) {
  const t = useTranslations();
  return (
    <TagsInput {...field} label={t("teams.intents")} description={t("teams.intentsHow")} data={[...new Set(known)]} />
  );
}

/** A number of at least 0, or none, which is what the settings say. */
export function CountField({ value, onChange, label, max }: Field<number | null> & { label: string; max?: number }) {
  const t = useTranslations();
  return (
    <NumberInput
      label={label}
      placeholder={t("teams.asSet")}
      min={0}
      {...(max === undefined ? {} : { max })}
      hideControls
      value={value ?? ""}
      onChange={(written) => onChange(typeof written === "number" ? written : null)}
    />
  );
}
