// The customer as all their conversations know them.

import { Anchor, Collapse, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import type { Profile } from "../api/client";
import { profileQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { Loaded } from "../shared/states";
import { Attributes } from "./Attributes";
import { Fact } from "./Fact";
import { Merges } from "./Merges";
import { ChannelIcon, useCustomerName } from "./names";

/** Conversations that are shown without being asked for more. */
const FEW = 5;

export function Customer({ id, conversation }: { id: string; conversation: string }) {
  const t = useTranslations();
  const formats = useFormats();
  const nameOf = useCustomerName();
  const query = useQuery(profileQuery(id));
  return (
    <Loaded query={query}>
      {(profile) => (
        <Stack gap="md">
          <Title order={2} size="h5">
            {t("inbox.customer")}
          </Title>
          <Fact label={t("inbox.name")}>
            <bdi>{nameOf(profile, profile.identities[0]?.channel)}</bdi>
          </Fact>
          <Fact label={t("inbox.since")}>{formats.dateTime(profile.created_at)}</Fact>
          <Fact label={t("inbox.identities")}>
            {profile.identities.map(({ channel, id: known, name, locale }) => (
              <div key={`${channel} ${known}`} style={{ display: "flex", gap: 6, alignItems: "center" }}>
                <ChannelIcon channel={channel} size={14} />
                <bdi>{name ? `${name} (${known})` : known}</bdi>
                {locale && (
                  <Text span size="xs" c="dimmed">
                    {formats.language(locale)}
                  </Text>
                )}
              </div>
            ))}
          </Fact>
          <Attributes profile={profile} />
          <Merges profile={profile} />
          <Earlier profile={profile} conversation={conversation} />
        </Stack>
      )}
    </Loaded>
  );
}

function Earlier({ profile, conversation }: { profile: Profile; conversation: string }) {
  const t = useTranslations();
  const formats = useFormats();
  const [all, setAll] = useState(false);
  const others = profile.conversations.filter((item) => item.conversation.id !== conversation);
  if (others.length === 0) {
    return null;
  }
  const row = ({ conversation: one, last }: (typeof others)[number]) => (
    <div key={one.id}>
      <Anchor
        size="sm"
        renderRoot={(props) => (
          <Link to="/c/$id" params={{ id: one.id }} search={({ at: _, ...rest }) => rest} preload={false} {...props} />
        )}
      >
        {formats.dateTime(one.updated_at)}
      </Anchor>{" "}
      <Text span size="xs" c="dimmed">
        {t(`inbox.owners.${one.owner}`)}
      </Text>
      <Text size="xs" c="dimmed" lineClamp={1} dir="auto">
        {last?.text}
      </Text>
    </div>
  );
  return (
    <Fact label={t("inbox.earlier")}>
      <Stack gap={6}>
        {others.slice(0, FEW).map(row)}
        {others.length > FEW && (
          <>
            <Collapse expanded={all}>
              <Stack gap={6}>{others.slice(FEW).map(row)}</Stack>
            </Collapse>
            <UnstyledButton fz="xs" c="dimmed" aria-expanded={all} onClick={() => setAll(!all)}>
              {t("inbox.more")} <IconChevronDown size={12} style={{ verticalAlign: "middle" }} />
            </UnstyledButton>
          </>
        )}
      </Stack>
    </Fact>
  );
}
