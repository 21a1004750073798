// The list of intents: what each has, what it lacks, and how well it is told.

import {
  Anchor,
  Badge,
  Button,
  Checkbox,
  Group,
  Kbd,
  NativeSelect,
  Stack,
  Table,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconAlertTriangle, IconPlus, IconSchool, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type RefObject, useRef } from "react";
import { useTranslations } from "use-intl";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { useShortcut } from "../keys/Shortcuts";
import { TextLink } from "../shared/links";
import { Page } from "../shared/Page";
import { EmptyState, ListSkeleton, Loaded } from "../shared/states";
import { WideTable } from "../shared/WideTable";
import type { Summary } from "./calls";
import { Lessons } from "./Lessons";
import { type IntentsSearch, lacks, listed, SORTS, type Sort } from "./list";
import { Problems } from "./Problems";
import { duplicatesQuery, intentsQuery } from "./queries";
import { draftedIntents } from "./useIntentDraft";

export default function Intents() {
  const t = useTranslations();
  const formats = useFormats();
  const search = useSearch({ from: "/pages/studio/" });
  const navigate = useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const rows = useRef<HTMLTableSectionElement>(null);
  const problems = useRef<HTMLDivElement>(null);
  const intents = useQuery(intentsQuery);
  const { data: duplicates } = useQuery(duplicatesQuery);
  const alike = (duplicates?.exact.length ?? 0) + (duplicates?.near.length ?? 0);
  const change = (changed: IntentsSearch): void =>
    void navigate({ to: "/studio", search: { ...search, ...changed }, replace: true });
  const move = (by: number): void => {
    const links = [...(rows.current?.querySelectorAll<HTMLElement>("a[data-intent]") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
  };
  useShortcut("findIntent", () => field.current?.focus());
  useShortcut("addIntent", () => void navigate({ to: "/studio/new" }));
  useShortcut("nextIntent", () => move(1));
  useShortcut("previousIntent", () => move(-1));
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => void navigate({ to: "/studio/new" })}>
      {t("studio.new.title")}
    </Button>
  );
  return (
    <Page title={t("studio.parts.intents")} actions={add}>
      <Loaded query={intents} skeleton={<ListSkeleton />}>
        {(found) => {
          const shown = listed(found.items, search);
          return (
            <Stack gap="lg">
              <Lessons />
              <Group component="search" aria-label={t("studio.list.filters")} align="flex-end" gap="md">
                <TextInput
                  ref={field}
                  label={t("studio.list.search")}
                  leftSection={<IconSearch size={16} />}
                  rightSection={<Kbd size="xs">/</Kbd>}
                  value={search.q ?? ""}
                  onChange={(event) => change({ q: event.currentTarget.value || undefined })}
                  onKeyDown={(event) => {
                    if (event.key === "ArrowDown" || event.key === "Enter") {
                      event.preventDefault();
                      move(1);
                    }
                  }}
                  flex="1 1 220px"
                  maw={380}
                />
                <NativeSelect
                  label={t("studio.list.sort")}
                  value={search.sort ?? "name"}
                  onChange={(event) => {
                    const sort = event.currentTarget.value as Sort;
                    change({ sort: sort === "name" ? undefined : sort });
                  }}
                  data={SORTS.map((value) => ({ value, label: t(`studio.list.sorts.${value}`) }))}
                />
                <Checkbox
                  label={t("studio.list.lacking")}
                  checked={search.lacking ?? false}
                  onChange={(event) => change({ lacking: event.currentTarget.checked || undefined })}
                  mb={8}
                />
              </Group>
              <Text size="sm" c="dimmed" role="status">
                {t("studio.list.count", { count: shown.length })}
                {found.left_out !== null &&
                  ` · ${t("studio.list.leftOut", { share: formats.percent(found.left_out, 1) })}`}
                {alike > 0 && (
                  <>
                    {" · "}
                    <Anchor
                      component="button"
                      type="button"
                      size="sm"
                      onClick={() => {
                        problems.current?.scrollIntoView();
                        problems.current?.focus();
                      }}
                    >
                      {t("studio.problems.jump", { count: alike })}
                    </Anchor>
                  </>
                )}
              </Text>
              {shown.length > 0 ? (
                <List shown={shown} rows={rows} />
              ) : (
                <EmptyState icon={IconSchool} title={t("studio.list.nothing")}>
                  {t("studio.list.nothingHow")}
                </EmptyState>
              )}
            </Stack>
          );
        }}
      </Loaded>
      <div ref={problems} tabIndex={-1} style={{ scrollMarginTop: 64 }}>
        <Problems />
      </div>
    </Page>
  );
}

interface Rows {
  shown: readonly Summary[];
  rows: RefObject<HTMLTableSectionElement | null>;
}

function List({ shown, rows }: Rows) {
  const t = useTranslations();
  const { me } = useSession();
  const drafted = draftedIntents(me.id);
  return (
    <WideTable label={t("studio.parts.intents")} minWidth={680} verticalSpacing={9} highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("studio.list.intent")}</Table.Th>
          <Table.Th>{t("studio.list.answeredBy")}</Table.Th>
          <Table.Th ta="end">{t("studio.list.examples")}</Table.Th>
          <Table.Th ta="end">{t("studio.list.languages")}</Table.Th>
          <Table.Th ta="end">{t("studio.list.accuracy")}</Table.Th>
          <Table.Th>{t("studio.list.lacks")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody ref={rows}>
        {shown.map((intent) => (
          <Row key={intent.name} intent={intent} drafted={drafted.includes(intent.name)} />
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

const COLORS = { reply: "gray", flow: "indigo", human: "orange", bot: "gray" } as const;

function Row({ intent, drafted }: { intent: Summary; drafted: boolean }) {
  const t = useTranslations();
  const formats = useFormats();
  const taught = Object.keys(intent.examples).length;
  const { accuracy } = intent;
  return (
    <Table.Tr>
      <Table.Td miw={220} maw={400}>
        <Group gap={6} wrap="nowrap">
          <TextLink
            to="/studio/intents/$name"
            params={{ name: intent.name }}
            data-intent={intent.name}
            fw={600}
            size="sm"
            dir="auto"
          >
            {intent.name}
          </TextLink>
          {drafted && (
            <Badge size="xs" variant="light" color="yellow" tt="none">
              {t("studio.unsaved")}
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed" lineClamp={1}>
          <bdi>{intent.means}</bdi>
        </Text>
      </Table.Td>
      <Table.Td>
        <Badge variant="light" color={COLORS[intent.answered_by]} tt="none" fw={550}>
          {t(`studio.answeredBy.${intent.answered_by}`)}
        </Badge>
      </Table.Td>
      <Table.Td ta="end">{formats.number(intent.total)}</Table.Td>
      <Table.Td ta="end">
        {formats.number(taught)}
        <Text span size="xs" c="dimmed">
          {" / "}
          {formats.number(taught + intent.untaught.length)}
        </Text>
      </Table.Td>
      <Table.Td ta="end" title={accuracy ? t("studio.list.of", { count: accuracy.n }) : undefined}>
        <Text size="sm" c={accuracy && accuracy.accuracy < 0.8 ? "var(--desk-warning)" : "inherit"}>
          {formats.percent(accuracy?.accuracy ?? null)}
        </Text>
      </Table.Td>
      <Table.Td>
        {lacks(intent) > 0 && (
          <Group gap={6}>
            <Lacking languages={intent.untaught} what="untaught" />
            <Lacking languages={intent.unsaid} what="unsaid" />
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Lacking({ languages, what }: { languages: readonly string[]; what: "untaught" | "unsaid" }) {
  const t = useTranslations();
  const formats = useFormats();
  if (languages.length === 0) {
    return null;
  }
  const names = formats.list(languages.map(formats.language));
  return (
    <Tooltip label={names} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
      <Badge
        variant="light"
        color={what === "unsaid" ? "orange" : "gray"}
        tt="none"
        fw={550}
        leftSection={<IconAlertTriangle size={11} />}
        tabIndex={0}
        role="note"
        aria-label={`${t(`studio.list.${what}`, { count: languages.length })}: ${names}`}
      >
        {t(`studio.list.${what}`, { count: languages.length })}
      </Badge>
    </Tooltip>
  );
}
