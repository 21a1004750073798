import { Badge, Group, Text, VisuallyHidden } from "@mantine/core";
import { IconZzz } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { useTranslations } from "use-intl";
import type { InboxItem, Summary } from "../api/client";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { useNow } from "../shared/clock";
import { Face } from "../shared/Face";
import { Clocks } from "./Clocks";
import { shortId } from "./customers";
import classes from "./Inbox.module.css";
import { parseInboxSearch, since } from "./lists";
import { ChannelIcon, useCustomerName, useReason } from "./names";
import { Sentiment } from "./Sentiment";

function Elapsed({ summary }: { summary: Summary }) {
  const formats = useFormats();
  const now = useNow(5_000);
  const urgent = summary.conversation.waiting_since !== null && !summary.conversation.snoozed;
  return (
    <Text size="xs" c={urgent ? "var(--desk-warning)" : "dimmed"} fw={urgent ? 600 : 400} style={{ flex: "none" }}>
      {formats.elapsed(Date.parse(since(summary)), now)}
    </Text>
  );
}

function Marks({ summary }: { summary: InboxItem }) {
  const t = useTranslations();
  const formats = useFormats();
  const reasonOf = useReason();
  const { me } = useSession();
  const { conversation, handoff } = summary;
  const open = handoff && handoff.state !== "done" ? handoff : null;
  return (
    <Group gap={5} mt={5}>
      <Sentiment label={conversation.sentiment} />
      {open?.urgent && (
        <Badge size="sm" variant="filled" color="red" tt="none">
          {t("inbox.urgent")}
        </Badge>
      )}
      {conversation.offer?.agent.id === me.id && (
        <Badge size="sm" variant="filled" tt="none">
          {t("inbox.offered")}
        </Badge>
      )}
      {conversation.snoozed && (
        <Badge size="sm" variant="light" color="gray" tt="none" fw={600} leftSection={<IconZzz size={12} />}>
          {t("standing.snoozedShort")}
        </Badge>
      )}
      {open && <Clocks handoff={open} />}
      {open && (
        <Badge size="sm" variant="light" color={open.reason === "error" ? "red" : "orange"} tt="none" fw={600}>
          {reasonOf(open.reason)}
        </Badge>
      )}
      {conversation.language && (
        <Badge size="sm" variant="light" color="gray" tt="none" fw={600}>
          {formats.language(conversation.language)}
        </Badge>
      )}
      {conversation.owner === "agent" && (
        <Badge size="sm" variant="light" tt="none" fw={600}>
          {conversation.agent?.name}
        </Badge>
      )}
      {summary.tags.map((tag) => (
        <Badge key={tag} size="sm" variant="outline" color="gray" tt="none" fw={600} maw="100%">
          {tag}
        </Badge>
      ))}
    </Group>
  );
}

export const Row = memo(function Row({ summary, unread }: { summary: InboxItem; unread: number }) {
  const t = useTranslations();
  const formats = useFormats();
  const { conversation, last } = summary;
  const { customer } = conversation;
  const name = useCustomerName()(customer, conversation.channel);
  return (
    <Link
      to="/c/$id"
      params={{ id: conversation.id }}
      search={({ at: _, ...others }) => parseInboxSearch(others)}
      preload={false}
      className={classes.row}
      data-conversation={conversation.id}
      activeOptions={{ includeSearch: false }}
    >
      <div className={classes.face}>
        <Face name={customer?.name ?? shortId(customer?.id ?? "?")} size={38} />
        <div className={classes.channel}>
          <ChannelIcon channel={conversation.channel} size={12} />
        </div>
      </div>
      <div className={classes.words}>
        <div className={classes.line}>
          <Text fw={unread ? 750 : 600} size="sm" truncate dir="auto">
            {name}
          </Text>
          <Elapsed summary={summary} />
        </div>
        <div className={classes.line}>
          <Text
            size="sm"
            c={unread ? "var(--mantine-color-text)" : "dimmed"}
            fw={unread ? 600 : 400}
            lineClamp={1}
            dir="auto"
          >
            {last?.text || "—"}
          </Text>
          {unread > 0 && (
            <span className={classes.unread}>
              <span aria-hidden>{formats.number(unread)}</span>
              <VisuallyHidden>{t("inbox.unread", { count: unread })}</VisuallyHidden>
            </span>
          )}
        </div>
        <Marks summary={summary} />
      </div>
    </Link>
  );
});
