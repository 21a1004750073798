// The messages that two versions tell differently, and which of them somebody wants to see.

import {
  Badge,
  Button,
  Group,
  NativeSelect,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Table,
  Text,
  TextInput,
} from "@mantine/core";
import { useDeferredValue, useMemo, useState } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { LanguageFilter } from "../shared/filters";
import { Section } from "../shared/Section";
import { WideTable } from "../shared/WideTable";
import type { Changed, Compared } from "./calls";
import { CHANGES, type Change, type CompareSearch, chosen, counted } from "./compared";
import { useIntentName } from "./useIntentName";

/** Rows that are shown at a time. */
const PAGE = 25;

const COLORS: Record<Change, string> = { broken: "red", fixed: "green", still_wrong: "orange" };

interface Given {
  compared: Compared;
  search: CompareSearch;
  change: (changed: CompareSearch) => void;
}

export function ChangedMessages({ compared, search, change }: Given) {
  const t = useTranslations();
  const nameOf = useIntentName();
  const [words, setWords] = useState("");
  const [pages, setPages] = useState(1);
  const wanted = useDeferredValue(words);
  const counts = useMemo(() => counted(compared.changed), [compared]);
  const found = useMemo(() => chosen(compared.changed, search, wanted), [compared, search, wanted]);
  const intents = useMemo(
    () => [...new Set(compared.changed.flatMap((one) => [one.expected, one.this.intent, one.other.intent]))].sort(),
    [compared],
  );
  const ask = (changed: CompareSearch): void => {
    setPages(1);
    change(changed);
  };
  return (
    <Section title={t("models.changed")} note={t("models.changedNote")}>
      <SegmentedControl
        style={{ alignSelf: "flex-start" }}
        orientation="horizontal"
        value={search.change ?? ""}
        onChange={(value) => ask({ change: CHANGES.find((one) => one === value) })}
        data={[
          { value: "", label: t("models.changes.all", { count: compared.changed.length }) },
          ...CHANGES.map((value) => ({ value, label: t(`models.changes.${value}`, { count: counts[value] }) })),
        ]}
        aria-label={t("models.changed")}
      />
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <LanguageFilter
          value={search.language}
          choose={(language) => ask({ language })}
          known={compared.by_language.map(({ name }) => name)}
        />
        <NativeSelect
          label={t("models.intent")}
          value={search.intent ?? ""}
          onChange={(event) => ask({ intent: event.currentTarget.value || undefined })}
          data={[
            { value: "", label: t("models.anyIntent") },
            ...intents.map((name) => ({ value: name, label: nameOf(name) })),
          ]}
        />
        <TextInput
          label={t("models.words")}
          value={words}
          onChange={(event) => {
            setWords(event.currentTarget.value);
            setPages(1);
          }}
        />
      </SimpleGrid>
      <Text size="sm" c="dimmed" role="status">
        {t("models.foundMessages", { count: found.length })}
      </Text>
      {found.length > 0 && (
        <WideTable label={t("models.changed")} minWidth={720}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("models.message")}</Table.Th>
              <Table.Th>{t("models.expected")}</Table.Th>
              <Table.Th>{t("models.thisSays")}</Table.Th>
              <Table.Th>{t("models.otherSays")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.slice(0, pages * PAGE).map((one) => (
              <Row key={`${one.language} ${one.expected} ${one.text}`} one={one} />
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      {found.length > pages * PAGE && (
        <Button variant="default" style={{ alignSelf: "flex-start" }} onClick={() => setPages(pages + 1)}>
          {t("models.more")}
        </Button>
      )}
    </Section>
  );
}

function Row({ one }: { one: Changed }) {
  const t = useTranslations();
  const formats = useFormats();
  const nameOf = useIntentName();
  return (
    <Table.Tr>
      <Table.Td maw={420}>
        <Stack gap={4} align="flex-start">
          <Text size="sm" dir="auto" style={{ overflowWrap: "anywhere" }}>
            {one.text}
          </Text>
          <Group gap={6}>
            <Badge variant="light" tt="none" size="sm" color={COLORS[one.change]}>
              {t(`models.changeIs.${one.change}`)}
            </Badge>
            <Text size="xs" c="dimmed">
              {formats.language(one.language)}
            </Text>
          </Group>
        </Stack>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{nameOf(one.expected)}</Text>
      </Table.Td>
      <Said said={one.this} expected={one.expected} />
      <Said said={one.other} expected={one.expected} />
    </Table.Tr>
  );
}

function Said({ said, expected }: { said: Changed["this"]; expected: string }) {
  const formats = useFormats();
  const nameOf = useIntentName();
  return (
    <Table.Td>
      <Text size="sm" c={said.intent === expected ? "var(--desk-fine)" : "var(--desk-bad)"}>
        {nameOf(said.intent)}
      </Text>
      <Text size="xs" c="dimmed">
        {formats.percent(said.confidence, 0)}
      </Text>
    </Table.Td>
  );
}
