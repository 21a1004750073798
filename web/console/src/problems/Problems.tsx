// What does not work: components, messages that could not be delivered, and messages that could not be handled.

import { Badge, Button, Group, Table, Text, Title } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { api } from "../api/client";
import { deadLettersQuery, failuresQuery, statusQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { useChannelName } from "../inbox/names";
import { useComplain } from "../shared/complain";
import { TextLink } from "../shared/links";
import { Page } from "../shared/Page";
import { atLeast } from "../shared/roles";
import { EmptyState, ListSkeleton, Loaded } from "../shared/states";
import { WideTable } from "../shared/WideTable";

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {title}
      </Title>
      {children}
    </section>
  );
}

function Components() {
  const t = useTranslations();
  return (
    <Loaded query={useQuery(statusQuery)} skeleton={<ListSkeleton rows={1} />}>
      {({ components }) => (
        <Group>
          {Object.entries(components).map(([name, problem]) => (
            <Badge key={name} size="lg" variant="light" tt="none" color={problem ? "red" : "green"}>
              {name}: {problem ?? t("problems.fine")}
            </Badge>
          ))}
        </Group>
      )}
    </Loaded>
  );
}

function DeadLetters() {
  const t = useTranslations();
  const { me } = useSession();
  const client = useQueryClient();
  const complain = useComplain();
  const channelOf = useChannelName();
  const retry = useMutation({
    mutationFn: api.retry,
    onError: complain,
    onSettled: () => client.invalidateQueries({ queryKey: deadLettersQuery.queryKey }),
  });
  return (
    <Loaded query={useQuery(deadLettersQuery)} skeleton={<ListSkeleton rows={2} />}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState icon={IconCircleCheck} title={t("problems.allDelivered")} />
        ) : (
          <WideTable label={t("problems.deadLetters")} minWidth={560}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("inbox.channel")}</Table.Th>
                <Table.Th>{t("problems.message")}</Table.Th>
                <Table.Th>{t("problems.error")}</Table.Th>
                <Table.Td />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((letter) => (
                <Table.Tr key={letter.message.id}>
                  <Table.Td>{channelOf(letter.channel)}</Table.Td>
                  <Table.Td maw={360}>
                    {letter.conversation ? (
                      <TextLink to="/c/$id" params={{ id: letter.conversation }} lineClamp={1} dir="auto">
                        {letter.message.text}
                      </TextLink>
                    ) : (
                      <Text size="sm" lineClamp={1} dir="auto">
                        {letter.message.text}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td c="var(--desk-bad)">{letter.error}</Table.Td>
                  <Table.Td ta="end">
                    {atLeast(me, "supervisor") && (
                      <Button
                        size="xs"
                        variant="light"
                        loading={retry.isPending && retry.variables === letter.message.id}
                        onClick={() => retry.mutate(letter.message.id)}
                      >
                        {t("states.retry")}
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </WideTable>
        )
      }
    </Loaded>
  );
}

function Failures() {
  const t = useTranslations();
  const formats = useFormats();
  const channelOf = useChannelName();
  return (
    <Loaded query={useQuery(failuresQuery)} skeleton={<ListSkeleton rows={2} />}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState icon={IconCircleCheck} title={t("problems.allHandled")} />
        ) : (
          <WideTable label={t("problems.failures")} minWidth={560}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("problems.at")}</Table.Th>
                <Table.Th>{t("inbox.channel")}</Table.Th>
                <Table.Th>{t("problems.error")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((failure) => (
                <Table.Tr key={failure.seq}>
                  <Table.Td>{formats.dateTime(failure.at)}</Table.Td>
                  <Table.Td>{channelOf(failure.channel)}</Table.Td>
                  <Table.Td>
                    <Text size="sm" c="var(--desk-bad)">
                      {failure.error}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </WideTable>
        )
      }
    </Loaded>
  );
}

export default function Problems() {
  const t = useTranslations();
  return (
    <Page title={t("navigation.problems")}>
      <Part title={t("problems.components")}>
        <Components />
      </Part>
      <Part title={t("problems.deadLetters")}>
        <DeadLetters />
      </Part>
      <Part title={t("problems.failures")}>
        <Failures />
      </Part>
    </Page>
  );
}
