// Tries a text: what is understood, decided, and said. It is tried again when something else is served.

import { Button, Group, Kbd, Select, Stack, Text, Textarea, Title } from "@mantine/core";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { type RefObject, useCallback, useState } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { LANGUAGES } from "../shared/languages";
import { LoadFailed } from "../shared/states";
import classes from "./Bench.module.css";
import { studio } from "./calls";
import { TriedResult } from "./TriedResult";
import { useOnServed } from "./useStudioLive";

interface Parts {
  field?: RefObject<HTMLTextAreaElement | null>;
  /** Whether something in the editor beside it is not yet saved, and so not yet known to the bot. */
  dirty?: boolean;
  first?: string | undefined;
  heading?: boolean;
  tried?: (text: string) => void;
}

export function Bench({ field, dirty = false, first = "", heading = true, tried }: Parts) {
  const t = useTranslations();
  const formats = useFormats();
  const client = useQueryClient();
  const [typed, setTyped] = useState(first);
  const [text, setText] = useState(first);
  const [language, setLanguage] = useState<string | null>(null);
  const result = useQuery({
    queryKey: ["understand", text, language],
    queryFn: () => studio.understand(text, language),
    enabled: text !== "",
    staleTime: 0,
    gcTime: 0,
    placeholderData: keepPreviousData,
  });
  useOnServed(useCallback(() => void client.invalidateQueries({ queryKey: ["understand"] }), [client]));
  const run = (): void => {
    const wanted = typed.trim();
    if (wanted && wanted === text) {
      void result.refetch();
    }
    setText(wanted);
    tried?.(wanted);
  };
  return (
    <Stack gap="sm">
      {heading && (
        <Title order={2} size="h5">
          {t("studio.bench.title")}
        </Title>
      )}
      <Textarea
        ref={field}
        aria-label={t("studio.bench.text")}
        placeholder={t("studio.bench.textHow")}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            run();
          }
          if (event.key === "Escape") {
            event.currentTarget.blur();
          }
        }}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={4000}
        dir="auto"
      />
      <Group gap="xs" wrap="nowrap">
        <Select
          size="xs"
          flex={1}
          aria-label={t("studio.bench.language")}
          placeholder={t("studio.bench.anyLanguage")}
          searchable
          clearable
          clearButtonProps={{ "aria-label": t("studio.bench.anyLanguage"), tabIndex: 0 }}
          value={language}
          onChange={setLanguage}
          data={LANGUAGES.map((value) => ({ value, label: formats.language(value) }))}
          nothingFoundMessage={t("figures.noneFound")}
        />
        <Button
          size="xs"
          onClick={run}
          disabled={!typed.trim()}
          loading={result.isFetching}
          rightSection={<Kbd size="xs">Enter</Kbd>}
        >
          {t("studio.bench.try")}
        </Button>
      </Group>
      {dirty && (
        <Text size="xs" c="var(--desk-warning)">
          {t("studio.bench.unsaved")}
        </Text>
      )}
      {result.error && !result.data ? (
        <LoadFailed error={result.error} retry={() => void result.refetch()} />
      ) : result.data && text ? (
        <div className={classes.result} aria-busy={result.isFetching}>
          <TriedResult tried={result.data} />
        </div>
      ) : (
        <Text size="sm" c="dimmed">
          {t("studio.bench.empty")}
        </Text>
      )}
    </Stack>
  );
}
