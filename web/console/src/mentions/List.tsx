// The notes that call one, unseen ones first.

import { Button, Group, Text, Title, VisuallyHidden } from "@mantine/core";
import { IconAt } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import type { Mention } from "../api/client";
import { mentions, mentionsQuery } from "../api/people";
import { useFormats } from "../i18n/formats";
import { ChannelIcon, useCustomerName } from "../inbox/names";
import { tell } from "../live/events";
import { useComplain } from "../shared/complain";
import { EmptyState, ListSkeleton, Loaded } from "../shared/states";
import classes from "./Mentions.module.css";

export default function List({ close }: { close: () => void }) {
  const t = useTranslations();
  const complain = useComplain();
  const query = useQuery(mentionsQuery);
  const all = useMutation({
    mutationFn: () => mentions.seen(null),
    onSuccess: () => tell({ type: "mentions_seen", conversation: null }),
    onError: complain,
  });
  return (
    <>
      <Group justify="space-between" p="sm" wrap="nowrap">
        <Title order={2} size="h5">
          {t("mentions.title")}
        </Title>
        {(query.data?.unseen ?? 0) > 0 && (
          <Button size="compact-xs" variant="subtle" loading={all.isPending} onClick={() => all.mutate()}>
            {t("mentions.allSeen")}
          </Button>
        )}
      </Group>
      <Loaded query={query} skeleton={<ListSkeleton rows={2} />}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={IconAt} title={t("mentions.none")} />
          ) : (
            <ul className={classes.list}>
              {items.map((one) => (
                <li key={`${one.conversation} ${one.seq}`}>
                  <Item mention={one} close={close} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </>
  );
}

function Item({ mention, close }: { mention: Mention; close: () => void }) {
  const t = useTranslations();
  const formats = useFormats();
  const nameOf = useCustomerName();
  const { conversation, seq, channel, customer, by, text, at, seen } = mention;
  return (
    <Link
      to="/c/$id"
      params={{ id: conversation }}
      search={{ at: seq }}
      preload={false}
      className={classes.item}
      data-unseen={!seen || undefined}
      onClick={close}
    >
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" fw={seen ? 500 : 700} truncate>
          <bdi>{t("mentions.by", { name: by })}</bdi>
          {!seen && <VisuallyHidden>, {t("mentions.new")}</VisuallyHidden>}
        </Text>
        {!seen && <span className={classes.dot} aria-hidden />}
      </Group>
      <Text size="sm" lineClamp={2} dir="auto">
        {text}
      </Text>
      <Group gap={6} wrap="nowrap">
        {channel && <ChannelIcon channel={channel} size={13} />}
        <Text size="xs" c="dimmed" truncate>
          <bdi>{nameOf(customer, channel ?? undefined)}</bdi> · {formats.dateTime(at)}
        </Text>
      </Group>
    </Link>
  );
}
