// When people are at the desk: for everybody to see, for admins to change.

import {
  ActionIcon,
  Alert,
  Badge,
  Box,
  Button,
  Group,
  Paper,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCopy, IconPlus, IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { ApiError } from "../api/errors";
import { hoursQuery, type Hours as Known, putHours } from "../api/hours";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { useComplain } from "../shared/complain";
import { Page } from "../shared/Page";
import { atLeast } from "../shared/roles";
import { Loaded } from "../shared/states";
import classes from "./Hours.module.css";
import { nextSpan, readWeek, type Span, WEEKDAYS, type Week, writeSpan, writeWeek, wrongWith } from "./spans";

export default function Hours() {
  const t = useTranslations();
  const { me } = useSession();
  const query = useQuery(hoursQuery);
  const [meanwhile, setMeanwhile] = useState(false);
  return (
    <Page title={t("navigation.hours")} actions={query.data && <Standing hours={query.data.hours} />}>
      <Text size="sm" c="dimmed" maw={720}>
        {t("hours.why")}
      </Text>
      {meanwhile && (
        <Alert color="orange" role="alert">
          {t("hours.meanwhile")}
        </Alert>
      )}
      <Loaded query={query}>
        {({ hours, tag }) =>
          atLeast(me, "admin") ? (
            <Form key={tag} hours={hours} tag={tag} onClash={setMeanwhile} />
          ) : (
            <Shown hours={hours} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Standing({ hours }: { hours: Known }) {
  const t = useTranslations();
  const formats = useFormats();
  const at = (iso: string | null): string => (iso ? formats.dayTime(iso) : "");
  const text = hours.open
    ? hours.closes_at
      ? t("hours.openUntil", { time: at(hours.closes_at) })
      : t("hours.open")
    : hours.opens_at
      ? t("hours.closedUntil", { time: at(hours.opens_at) })
      : t("hours.closed");
  return (
    <Badge size="lg" variant="light" tt="none" color={hours.open ? "green" : "gray"} role="status">
      {text}
    </Badge>
  );
}

function Shown({ hours }: { hours: Known }) {
  const t = useTranslations();
  const formats = useFormats();
  if (hours.days === null) {
    return <Text>{t("hours.always")}</Text>;
  }
  return (
    <Stack gap="sm">
      <Text size="sm">
        {t("hours.zone")}: <bdi>{hours.timezone}</bdi>
      </Text>
      <Paper withBorder p="md" component="dl" m={0} maw={480}>
        {WEEKDAYS.map((day, index) => (
          <Group key={day} justify="space-between" py={4}>
            <Text component="dt" size="sm" fw={600}>
              {formats.weekday(index, "long")}
            </Text>
            <Text component="dd" size="sm" m={0}>
              {formats.list(hours.days?.[day] ?? []) || t("hours.closed")}
            </Text>
          </Group>
        ))}
      </Paper>
    </Stack>
  );
}

const zones = (present: string | null): string[] => [
  ...new Set([...(present ? [present] : []), "UTC", ...Intl.supportedValuesOf("timeZone")]),
];

function Form({ hours, tag, onClash }: { hours: Known; tag: string; onClash: (clash: boolean) => void }) {
  const t = useTranslations();
  const client = useQueryClient();
  const complain = useComplain();
  const formats = useFormats();
  const [zone, setZone] = useState(hours.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [always, setAlways] = useState(hours.days === null);
  const [week, setWeek] = useState<Week>(() => readWeek(hours.days));
  const put = useMutation({
    mutationFn: () => putHours(tag, always ? { timezone: null, days: {} } : { timezone: zone, days: writeWeek(week) }),
    onSuccess: async () => {
      onClash(false);
      notifications.show({ color: "green", message: t("hours.saved") });
      await client.invalidateQueries({ queryKey: hoursQuery.queryKey });
    },
    onError: async (error) => {
      if (error instanceof ApiError && error.status === 412) {
        onClash(true);
        await client.invalidateQueries({ queryKey: hoursQuery.queryKey });
      } else {
        complain(error);
      }
    },
  });
  const wrong = !always && WEEKDAYS.some((day) => wrongWith(week[day]));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    put.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Switch
          label={t("hours.always")}
          description={t("hours.alwaysWhy")}
          checked={always}
          onChange={(event) => setAlways(event.currentTarget.checked)}
        />
        {!always && (
          <>
            <Select
              label={t("hours.zone")}
              searchable
              allowDeselect={false}
              maw={360}
              value={zone}
              onChange={(value) => value && setZone(value)}
              data={zones(hours.timezone)}
              nothingFoundMessage={t("figures.noneFound")}
            />
            <Paper withBorder p="md">
              <Stack gap="md">
                {WEEKDAYS.map((day, index) => (
                  <Day
                    key={day}
                    name={formats.weekday(index, "long")}
                    spans={week[day]}
                    before={index > 0 ? week[WEEKDAYS[index - 1] as keyof Week] : undefined}
                    set={(spans) => setWeek({ ...week, [day]: spans })}
                  />
                ))}
              </Stack>
            </Paper>
            <Text size="xs" c="dimmed">
              {t("hours.midnight")}
            </Text>
          </>
        )}
        <Group>
          <Button type="submit" loading={put.isPending} disabled={wrong}>
            {t("states.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Day({
  name,
  spans,
  before,
  set,
}: {
  name: string;
  spans: Span[];
  /** The spans of the day before, if there is one. */
  before: Span[] | undefined;
  set: (spans: Span[]) => void;
}) {
  const t = useTranslations();
  const wrong = wrongWith(spans);
  const change = (at: number, span: Partial<Span>): void =>
    set(spans.map((one, index) => (index === at ? { ...one, ...span } : one)));
  const same = before && before.map(writeSpan).join() === spans.map(writeSpan).join();
  return (
    <Box className={classes.day ?? ""} role="group" aria-label={name}>
      <Text size="sm" fw={600} className={classes.name ?? ""}>
        {name}
      </Text>
      <Stack gap={6} flex={1}>
        {spans.length === 0 && (
          <Text size="sm" c="dimmed" lh="30px">
            {t("hours.closed")}
          </Text>
        )}
        {spans.map((span, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a span is known by its place
          <Group key={index} gap={6} wrap="nowrap">
            <TextInput
              type="time"
              size="xs"
              required
              aria-label={t("hours.from", { day: name, number: index + 1 })}
              value={span.from}
              onChange={(event) => change(index, { from: event.currentTarget.value })}
            />
            <span aria-hidden>–</span>
            <TextInput
              type="time"
              size="xs"
              required
              aria-label={t("hours.to", { day: name, number: index + 1 })}
              value={span.to}
              onChange={(event) => change(index, { to: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("hours.remove", { day: name, number: index + 1 })}
              onClick={() => set(spans.filter((_, other) => other !== index))}
            >
              <IconX size={16} />
            </ActionIcon>
          </Group>
        ))}
        {wrong && (
          <Text size="xs" c="var(--desk-bad)" role="alert">
            {t(`hours.wrong.${wrong}`)}
          </Text>
        )}
      </Stack>
      <Group gap={4} className={classes.acts ?? ""}>
        {before && !same && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            leftSection={<IconCopy size={14} />}
            aria-label={t("hours.copyOf", { day: name })}
            onClick={() => set(before.map((span) => ({ ...span })))}
          >
            {t("hours.copy")}
          </Button>
        )}
        <ActionIcon
          variant="light"
          aria-label={t("hours.add", { day: name })}
          disabled={spans.length >= 12}
          onClick={() => set([...spans, nextSpan(spans)])}
        >
          <IconPlus size={16} />
        </ActionIcon>
      </Group>
    </Box>
  );
}
