// Who changed what, the latest first.

import { Badge, Button, Group, NativeSelect, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconDownload, IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { type Audited, auditFileUrl } from "../api/client";
import { agentsQuery, auditQuery, teamsQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { TextLink } from "../shared/links";
import { Page } from "../shared/Page";
import { EmptyState, Loaded } from "../shared/states";
import { WideTable } from "../shared/WideTable";
import classes from "./Audit.module.css";
import { differences, type Filters, NO_FILTERS, queryOf } from "./filters";

/** Areas, and what is done in each. */
const ACTIONS = {
  user: ["add", "change", "password"],
  token: ["add", "revoke"],
  conversation: ["return", "close"],
  delivery: ["retry"],
  model: ["promote", "rollback", "challenge", "measure"],
  slack: ["link", "unlink"],
  team: ["add", "change", "remove"],
  skill: ["add", "change", "remove"],
  agent: ["change", "presence"],
  canned: ["add", "change", "remove"],
  customer: ["merge", "split"],
  pack: ["edit", "import", "undo", "hours"],
  training: ["start"],
  channel: ["test"],
} as const;

type Area = keyof typeof ACTIONS;
const AREAS = Object.keys(ACTIONS) as Area[];
const keyOf = (area: Area, does: string): string => `${area}_${does}`;

/** An action in words; one that is not known here as the server names it. */
function useActionName(): (action: string) => string {
  const t = useTranslations();
  return (action) => {
    const [area, does] = action.split(".");
    const known = AREAS.find((name) => name === area && ACTIONS[name].some((one) => one === does));
    const key = known && `audit.actions.${keyOf(known, does ?? "")}`;
    return key ? t(key as Parameters<typeof t>[0]) : action;
  };
}

export default function Audit() {
  const t = useTranslations();
  const [filters, setFilters] = useState<Filters>(NO_FILTERS);
  const wanted = queryOf(filters);
  const log = useInfiniteQuery(auditQuery(wanted));
  const download = (
    <Button
      component="a"
      href={auditFileUrl(wanted)}
      download
      variant="default"
      leftSection={<IconDownload size={16} />}
    >
      {t("audit.csv")}
    </Button>
  );
  return (
    <Page title={t("navigation.audit")} actions={download}>
      <FilterFields filters={filters} onChange={setFilters} />
      <Loaded query={log}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          return items.length === 0 ? (
            <EmptyState icon={IconHistory} title={t("audit.none")} />
          ) : (
            <Stack>
              <Entries items={items} />
              {log.hasNextPage && (
                <Button
                  variant="default"
                  mx="auto"
                  loading={log.isFetchingNextPage}
                  onClick={() => void log.fetchNextPage()}
                >
                  {t("audit.more")}
                </Button>
              )}
            </Stack>
          );
        }}
      </Loaded>
    </Page>
  );
}

function FilterFields({ filters, onChange }: { filters: Filters; onChange: (filters: Filters) => void }) {
  const t = useTranslations();
  const nameOf = useActionName();
  const { data: people } = useQuery(agentsQuery);
  const field = (name: keyof Filters) => ({
    value: filters[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange({ ...filters, [name]: event.currentTarget.value }),
  });
  return (
    <Group align="end" role="search" aria-label={t("audit.filters")}>
      <NativeSelect
        label={t("audit.actor")}
        {...field("actor")}
        data={[
          { value: "", label: t("audit.anybody") },
          ...(people?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      <NativeSelect
        label={t("audit.action")}
        {...field("action")}
        data={[
          { value: "", label: t("audit.anything") },
          ...AREAS.map((area) => ({
            group: t(`audit.areas.${area}`),
            items: [
              { value: area, label: t("audit.allOf", { area: t(`audit.areas.${area}`) }) },
              ...ACTIONS[area].map((does) => ({ value: `${area}.${does}`, label: nameOf(`${area}.${does}`) })),
            ],
          })),
        ]}
      />
      <TextInput type="date" label={t("audit.from")} {...field("from")} max={filters.to || undefined} />
      <TextInput type="date" label={t("audit.to")} {...field("to")} min={filters.from || undefined} />
    </Group>
  );
}

function Entries({ items }: { items: readonly Audited[] }) {
  const t = useTranslations();
  const formats = useFormats();
  const nameOf = useActionName();
  return (
    <WideTable label={t("navigation.audit")} minWidth={860}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("problems.at")}</Table.Th>
          <Table.Th>{t("audit.actor")}</Table.Th>
          <Table.Th>{t("audit.action")}</Table.Th>
          <Table.Th>{t("audit.target")}</Table.Th>
          <Table.Th>{t("audit.changes")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((one) => (
          <Table.Tr key={one.seq} className={classes.entry ?? ""}>
            <Table.Td style={{ whiteSpace: "nowrap" }}>{formats.dateTime(one.at)}</Table.Td>
            <Table.Td>
              <bdi>{one.actor.name}</bdi>
              {one.actor.token && (
                <Badge size="sm" variant="light" color="gray" tt="none" ms={6}>
                  {t("audit.byToken", { name: one.actor.token })}
                </Badge>
              )}
            </Table.Td>
            <Table.Td>{nameOf(one.action)}</Table.Td>
            <Table.Td>
              <Target entry={one} />
            </Table.Td>
            <Table.Td>
              <Changes entry={one} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function Target({ entry }: { entry: Audited }) {
  const t = useTranslations();
  const { data: people } = useQuery(agentsQuery);
  const { data: teams } = useQuery({ ...teamsQuery, enabled: entry.action.startsWith("team.") });
  if (entry.action.startsWith("conversation.")) {
    return (
      <TextLink to="/c/$id" params={{ id: entry.target }}>
        {t("inbox.conversation")}
      </TextLink>
    );
  }
  const recorded = entry.after?.name ?? entry.before?.name;
  const known =
    people?.items.find((one) => one.id === entry.target)?.name ??
    teams?.items.find((one) => one.id === entry.target)?.name ??
    (typeof recorded === "string" ? recorded : undefined);
  return known ? <bdi>{known}</bdi> : <code className={classes.value}>{entry.target}</code>;
}

function Changes({ entry }: { entry: Audited }) {
  const found = differences(entry.before, entry.after);
  return found.length === 0 ? (
    "–"
  ) : (
    <ul className={classes.changes} dir="ltr">
      {found.map(([name, was, is]) => (
        <li key={name}>
          <Text span size="xs" c="dimmed">
            {name}
          </Text>{" "}
          {was !== null && <del className={classes.value}>{was}</del>}
          {was !== null && is !== null && " → "}
          {is !== null && <ins className={classes.value}>{is}</ins>}
          {was === null && is === null && "–"}
        </li>
      ))}
    </ul>
  );
}
