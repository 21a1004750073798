// How every channel is set up and how it goes, with a message to try it.

import { Alert, Badge, Button, CopyButton, Group, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCopy, IconExternalLink, IconSend } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { type ChannelState, channelsQuery } from "../api/setup";
import { useFormats } from "../i18n/formats";
import { Fact } from "../inbox/Fact";
import { ChannelIcon, useChannelName } from "../inbox/names";
import { SettingValue } from "../settings/SettingValue";
import { TextLink } from "../shared/links";
import { Page } from "../shared/Page";
import { Loaded } from "../shared/states";
import classes from "./Channels.module.css";
import { snippetOf, standingOf } from "./snippet";
import { TestDialog } from "./TestDialog";

const COLORS = { off: "gray", trouble: "red", fine: "green", ready: "green" } as const;

export default function Channels() {
  const t = useTranslations();
  return (
    <Page title={t("navigation.channels")}>
      <Loaded query={useQuery(channelsQuery)}>
        {({ items, public_url }) => (
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
            {items.map((channel) => (
              <Channel key={channel.name} channel={channel} base={public_url ?? location.origin} />
            ))}
          </SimpleGrid>
        )}
      </Loaded>
    </Page>
  );
}

function Channel({ channel, base }: { channel: ChannelState; base: string }) {
  const t = useTranslations();
  const formats = useFormats();
  const nameOf = useChannelName();
  const [testing, setTesting] = useState(false);
  const name = nameOf(channel.name);
  const standing = standingOf(channel);
  const time = (at: string | null): string => (at ? formats.dateTime(at) : t("channels.never"));
  return (
    <Paper withBorder p="md" component="section" aria-label={name}>
      <Stack gap="md">
        <Group justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <span aria-hidden style={{ display: "flex" }}>
              <ChannelIcon channel={channel.name} size={22} />
            </span>
            <Title order={2} size="h4">
              {name}
            </Title>
          </Group>
          <Badge variant="light" tt="none" color={COLORS[standing]}>
            {t(`channels.${standing}`)}
          </Badge>
        </Group>
        {channel.problem && channel.configured && (
          <Alert color="red" icon={<IconAlertTriangle size={18} />} py="xs">
            <bdi>{channel.problem}</bdi>
            {channel.since && <Text size="xs">{t("channels.since", { time: formats.dateTime(channel.since) })}</Text>}
          </Alert>
        )}
        {!channel.configured && (
          <Text size="sm">{t("channels.turnOn", { variable: channel.settings[0]?.variable ?? "" })}</Text>
        )}
        {channel.configured && (
          <SimpleGrid cols={2} spacing="sm">
            <Fact label={t("channels.lastIn")}>{time(channel.last_in)}</Fact>
            <Fact label={t("channels.lastOut")}>{time(channel.last_out)}</Fact>
            <Fact label={t("channels.waiting")}>{formats.number(channel.waiting)}</Fact>
            <Fact label={t("channels.dead")}>
              {channel.dead ? <TextLink to="/problems">{formats.number(channel.dead)}</TextLink> : formats.number(0)}
            </Fact>
            {channel.receives && <Fact label={t("channels.receives")}>{t(`channels.how.${channel.receives}`)}</Fact>}
            {channel.path && (
              <Fact label={t("channels.url")}>
                <bdi dir="ltr">{`${base.replace(/\/+$/, "")}${channel.path}`}</bdi>
              </Fact>
            )}
          </SimpleGrid>
        )}
        {channel.name === "webchat" && <Embed channel={channel} base={base} />}
        <Fact label={t("channels.setWith")}>
          <Stack gap={4}>
            {channel.settings.map((setting) => (
              <Group key={setting.name} gap={8} justify="space-between">
                <code dir="ltr" style={{ fontSize: 12 }}>
                  {setting.variable}
                </code>
                <SettingValue setting={setting} />
              </Group>
            ))}
          </Stack>
        </Fact>
        {channel.configured && (
          <Group>
            <Button variant="light" leftSection={<IconSend size={16} />} onClick={() => setTesting(true)}>
              {t("channels.test")}
            </Button>
          </Group>
        )}
      </Stack>
      {testing && <TestDialog channel={channel.name} onClose={() => setTesting(false)} />}
    </Paper>
  );
}

function Embed({ channel, base }: { channel: ChannelState; base: string }) {
  const t = useTranslations();
  const snippet = snippetOf(base);
  const secret = channel.settings.some(({ name, given }) => name === "direct_line_secret" && given);
  return (
    <Fact label={t("channels.embed")}>
      <Stack gap="xs">
        <Text size="sm">{t("channels.embedHow")}</Text>
        <pre dir="ltr" className={classes.snippet}>
          {snippet}
        </pre>
        {secret && <Text size="sm">{t("channels.embedSecret")}</Text>}
        <Group gap="xs">
          <CopyButton value={snippet}>
            {({ copied, copy }) => (
              <Button size="xs" variant="default" leftSection={<IconCopy size={14} />} onClick={copy}>
                {copied ? t("tokens.copied") : t("tokens.copy")}
              </Button>
            )}
          </CopyButton>
          <Button
            size="xs"
            variant="default"
            component="a"
            href="/chat"
            target="_blank"
            rel="noreferrer"
            leftSection={<IconExternalLink size={14} />}
          >
            {t("channels.tryIt")}
          </Button>
        </Group>
      </Stack>
    </Fact>
  );
}
