// One's Slack account: whether the one that a link from Slack is about is to act as oneself, and how to undo it.

import { Alert, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconBrandSlack, IconLinkOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { api, type OwnSlack } from "../api/client";
import { slackQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { Page } from "../shared/Page";
import { EmptyState, ListSkeleton, Loaded } from "../shared/states";
import { useConfirm } from "../shared/useConfirm";
import { useSave } from "../shared/useSave";

const route = getRouteApi("/pages/link/slack");

const nameOf = (account: NonNullable<OwnSlack["asked"]>): string => account.name ?? account.id;

export default function SlackLink() {
  const t = useTranslations();
  const { code } = route.useSearch();
  return (
    <Page title={t("user.slack")}>
      <Loaded query={useQuery(slackQuery(code))} skeleton={<ListSkeleton rows={1} />}>
        {(own) => (
          <Stack maw={640}>
            {own.asked && code ? (
              <Ask own={own} asked={own.asked} code={code} />
            ) : (
              code && !own.link && <Alert color="orange">{t("slack.expired")}</Alert>
            )}
            <Present own={own} />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder radius="md" p="lg" component="section">
      <Stack gap="sm" align="flex-start">
        <Group gap="sm" wrap="nowrap">
          <IconBrandSlack size={24} aria-hidden style={{ flexShrink: 0 }} />
          <Title order={2} size="h4">
            {title}
          </Title>
        </Group>
        {children}
      </Stack>
    </Paper>
  );
}

function Ask({ own, asked, code }: { own: OwnSlack; asked: NonNullable<OwnSlack["asked"]>; code: string }) {
  const t = useTranslations();
  const { me } = useSession();
  const navigate = route.useNavigate();
  const name = nameOf(asked);
  // The code is used up then: it leaves the address, too.
  const save = useSave([["slack"]], () => void navigate({ search: {}, replace: true }));
  return (
    <Card title={t("slack.ask", { name })}>
      <Text size="sm">{t("slack.askWhy", { name, me: me.display_name })}</Text>
      {own.link && own.link.account.id !== asked.id && (
        <Text size="sm">{t("slack.replaces", { name: nameOf(own.link.account) })}</Text>
      )}
      <Button loading={save.isPending} onClick={() => save.mutate(() => api.linkSlack(code))}>
        {t("slack.link")}
      </Button>
    </Card>
  );
}

function Present({ own }: { own: OwnSlack }) {
  const t = useTranslations();
  const formats = useFormats();
  const confirm = useConfirm();
  const { me } = useSession();
  const save = useSave([["slack"]]);
  if (own.link) {
    const since = formats.dateTime(own.link.linked_at);
    return (
      <Card title={t("slack.linked", { name: nameOf(own.link.account) })}>
        <Text size="sm">{t("slack.since", { since, me: me.display_name })}</Text>
        <Button
          variant="default"
          leftSection={<IconLinkOff size={16} />}
          loading={save.isPending}
          onClick={() => confirm(t("slack.unlink"), t("slack.unlinkWhy"), () => save.mutate(api.unlinkSlack))}
        >
          {t("slack.unlink")}
        </Button>
      </Card>
    );
  }
  if (own.asked) {
    return null;
  }
  return (
    <EmptyState icon={IconBrandSlack} title={t("slack.none")}>
      {own.desk ? t("slack.how") : t("slack.noDesk")}
    </EmptyState>
  );
}
