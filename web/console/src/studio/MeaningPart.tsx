import { MultiSelect, SimpleGrid, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import type { Intent } from "./calls";
import type { Meaning } from "./draft";
import { intentsQuery } from "./queries";
import type { Editing } from "./useIntentDraft";

/** What an intent means, for whoever writes examples, and the intents that are offered as buttons under its reply. */
export function MeaningPart({ intent, editing }: { intent: Intent; editing: Editing }) {
  const t = useTranslations();
  const { data: all } = useQuery(intentsQuery);
  const value = editing.value("meaning") as Meaning;
  const names = new Set([...(all?.items.map(({ name }) => name) ?? []), ...value.buttons]);
  names.delete(intent.name);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <TextInput
        label={t("studio.intent.means")}
        description={t("studio.intent.meansWhat")}
        value={value.means}
        onChange={(event) => editing.set("meaning", { ...value, means: event.currentTarget.value })}
        maxLength={1000}
        dir="auto"
      />
      <MultiSelect
        label={t("studio.intent.buttons")}
        description={t("studio.intent.buttonsWhat")}
        data={[...names]}
        value={value.buttons}
        onChange={(buttons) => editing.set("meaning", { ...value, buttons })}
        searchable
        hidePickedOptions
        maxValues={20}
        nothingFoundMessage={t("figures.noneFound")}
      />
    </SimpleGrid>
  );
}
