// Finds the other profile of a customer, shows what becomes of both, and makes them one.

import { Badge, Button, Group, Modal, Paper, SimpleGrid, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconArrowsExchange, IconUserSearch } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import type { Attribute, FoundCustomer, Profile } from "../api/client";
import { foundCustomersQuery } from "../api/people";
import { profileQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { Face } from "../shared/Face";
import { EmptyState, ListSkeleton, Loaded } from "../shared/states";
import { shortId, together } from "./customers";
import { Fact } from "./Fact";
import classes from "./MoveDialog.module.css";
import { ChannelIcon, useCustomerName } from "./names";
import { useAttributeValue } from "./useAttributeValue";
import { useMerging } from "./useMerging";

/** Milliseconds after the last key. */
const TYPED = 250;

export default function MergeDialog({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const t = useTranslations();
  const [other, setOther] = useState<string>();
  return (
    <Modal opened onClose={onClose} title={t("merge.title")} size="lg">
      {other === undefined ? (
        <Find profile={profile} choose={setOther} />
      ) : (
        <Other profile={profile} id={other} back={() => setOther(undefined)} onClose={onClose} />
      )}
    </Modal>
  );
}

function Find({ profile, choose }: { profile: Profile; choose: (id: string) => void }) {
  const t = useTranslations();
  const [asked, setAsked] = useState(profile.name ?? "");
  const [q] = useDebouncedValue(asked.trim(), TYPED);
  const found = useQuery({ ...foundCustomersQuery(q), enabled: q !== "", placeholderData: keepPreviousData });
  return (
    <Stack>
      <TextInput
        label={t("merge.search")}
        description={t("merge.searchHow")}
        type="search"
        dir="auto"
        data-autofocus
        maxLength={500}
        value={asked}
        onChange={(event) => setAsked(event.currentTarget.value)}
      />
      {q !== "" && (
        <Loaded query={found} skeleton={<ListSkeleton rows={2} />}>
          {({ items }) => {
            const others = items.filter((one) => one.id !== profile.id);
            return others.length === 0 ? (
              <EmptyState icon={IconUserSearch} title={t("merge.none")} />
            ) : (
              <ul className={classes.choices} aria-label={t("inbox.results")}>
                {others.map((one) => (
                  <li key={one.id}>
                    <UnstyledButton className={classes.choice} onClick={() => choose(one.id)}>
                      <Candidate found={one} />
                    </UnstyledButton>
                  </li>
                ))}
              </ul>
            );
          }}
        </Loaded>
      )}
    </Stack>
  );
}

function Candidate({ found }: { found: FoundCustomer }) {
  const t = useTranslations();
  const formats = useFormats();
  const nameOf = useCustomerName();
  return (
    <>
      <Face name={found.name ?? shortId(found.id)} size={32} />
      <div className={classes.words}>
        <Text size="sm" fw={600} truncate>
          <bdi>{nameOf(found, found.identities[0]?.channel)}</bdi>
        </Text>
        <Text size="xs" c="dimmed" component="div">
          <Identities identities={found.identities} />
        </Text>
      </div>
      <Text size="xs" c="dimmed" ta="end">
        {t("merge.conversations", { count: found.conversations })}
        <br />
        {found.latest && formats.dateTime(found.latest)}
      </Text>
    </>
  );
}

function Identities({ identities }: { identities: Profile["identities"] }) {
  return identities.map(({ channel, id, name }) => (
    <Group key={`${channel} ${id}`} gap={6} wrap="nowrap">
      <ChannelIcon channel={channel} size={14} />
      <bdi style={{ overflowWrap: "anywhere" }}>{name ? `${name} (${id})` : id}</bdi>
    </Group>
  ));
}

function Other({
  profile,
  id,
  back,
  onClose,
}: {
  profile: Profile;
  id: string;
  back: () => void;
  onClose: () => void;
}) {
  return (
    <Loaded query={useQuery(profileQuery(id))} skeleton={<ListSkeleton rows={3} />}>
      {(other) => <Preview profile={profile} other={other} back={back} onClose={onClose} />}
    </Loaded>
  );
}

function Preview({
  profile,
  other,
  back,
  onClose,
}: {
  profile: Profile;
  other: Profile;
  back: () => void;
  onClose: () => void;
}) {
  const t = useTranslations();
  const nameOf = useCustomerName();
  const [swapped, setSwapped] = useState(false);
  const { merge } = useMerging();
  const [kept, absorbed] = swapped ? [other, profile] : [profile, other];
  const called = (one: Profile): string => nameOf(one, one.identities[0]?.channel);
  const run = (): void =>
    merge.mutate(
      { kept: kept.id, other: absorbed.id, names: [called(kept), called(absorbed)] },
      { onSuccess: onClose },
    );
  const sum = together(kept, absorbed);
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <One profile={kept} badge={t("merge.kept")} color="teal" />
        <One profile={absorbed} badge={t("merge.absorbed")} color="gray" />
      </SimpleGrid>
      <Button
        variant="subtle"
        size="xs"
        mx="auto"
        leftSection={<IconArrowsExchange size={16} />}
        onClick={() => setSwapped(!swapped)}
      >
        {t("merge.swap")}
      </Button>
      <Paper withBorder p="sm" role="group" aria-label={t("merge.together")}>
        <Stack gap="sm">
          <div>
            <Text fw={600}>{t("merge.together")}</Text>
            <Text size="xs" c="dimmed">
              {t("merge.prevails")}
            </Text>
          </div>
          <Fact label={t("inbox.name")}>
            <bdi>{sum.name ?? called(kept)}</bdi>
          </Fact>
          <Fact label={t("inbox.identities")}>
            <Identities identities={sum.identities} />
          </Fact>
          <Fact label={t("inbox.attributes")}>
            {sum.attributes.length === 0
              ? t("merge.nothing")
              : sum.attributes.map(({ name, value, lost }) => (
                  <KnownOf key={name} name={name} value={value} lost={lost} />
                ))}
          </Fact>
        </Stack>
      </Paper>
      <Text size="sm">{t("merge.safe")}</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={back}>
          {t("merge.back")}
        </Button>
        <Button loading={merge.isPending} onClick={run}>
          {t("merge.run")}
        </Button>
      </Group>
    </Stack>
  );
}

function KnownOf({ name, value, lost }: { name: string; value: Attribute; lost?: Attribute | undefined }) {
  const shown = useAttributeValue();
  return (
    <div>
      <Text span inherit c="dimmed">
        <bdi>{name}</bdi>
      </Text>{" "}
      <bdi>{shown(value)}</bdi>{" "}
      {lost && (
        <Text inherit c="dimmed" component="del" td="line-through">
          <bdi>{shown(lost)}</bdi>
        </Text>
      )}
    </div>
  );
}

function One({ profile, badge, color }: { profile: Profile; badge: string; color: string }) {
  const t = useTranslations();
  const formats = useFormats();
  const nameOf = useCustomerName();
  const known = Object.entries(profile.attributes);
  const name = nameOf(profile, profile.identities[0]?.channel);
  return (
    <Paper withBorder p="sm" role="group" aria-label={badge}>
      <Stack gap="xs">
        <Badge variant="light" color={color} tt="none">
          {badge}
        </Badge>
        <Group gap="xs" wrap="nowrap">
          <Face name={profile.name ?? shortId(profile.id)} size={32} />
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            <bdi>{name}</bdi>
          </Text>
        </Group>
        <Text size="xs" c="dimmed">
          {t("inbox.since")} {formats.dateTime(profile.created_at)} ·{" "}
          {t("merge.conversations", { count: profile.conversations.length })}
        </Text>
        <Text size="sm" component="div">
          <Identities identities={profile.identities} />
        </Text>
        {known.length > 0 && (
          <Text size="sm" component="div">
            {known.map(([key, value]) => (
              <KnownOf key={key} name={key} value={value} />
            ))}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
