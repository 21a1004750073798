// One entry of a conversation's history.

import { Badge, Group, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { memo } from "react";
import { useTranslations } from "use-intl";
import type { Message } from "../api/client";
import { useFormats } from "../i18n/formats";
import { DeliveryState } from "./DeliveryState";
import { Files } from "./Files";
import classes from "./Inbox.module.css";
import { parts } from "./mentions";
import { Understood } from "./Understood";

function Choices({ message }: { message: Message }) {
  return (
    message.buttons.length > 0 && (
      <Group gap={5} mt={8}>
        {message.buttons.map((button) => (
          <span key={button.value} className={classes.choice} dir="auto">
            {button.label}
          </span>
        ))}
      </Group>
    )
  );
}

/** What nobody in particular has said: notices to the customer, and what only the desk sees. */
function Note({ message }: { message: Message }) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <div className={classes.note} data-author={message.author}>
      <Text size="xs" c="dimmed" className={classes.said ?? ""} component="div">
        {message.internal && (
          <Badge size="xs" variant="default" me={6} tt="none">
            {t("inbox.internal")}
          </Badge>
        )}
        <bdi>{message.text}</bdi> · <bdi>{formats.time(message.at)}</bdi>
      </Text>
      <Group justify="center">
        <Choices message={message} />
      </Group>
    </div>
  );
}

/** What an agent tells colleagues: apart from what is said to the customer, and in no bubble. */
function PrivateNote({ message }: { message: Message }) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <section
      className={classes.private}
      aria-label={t("inbox.note")}
      data-author="note"
      title={formats.dateTime(message.at)}
    >
      <Text size="xs" fw={650} mb={2} className={classes.privateHead ?? ""} component="div">
        <IconLock size={13} aria-hidden />
        {t("inbox.note")} · <bdi>{message.author_name}</bdi> · <bdi>{formats.time(message.at)}</bdi>
      </Text>
      <Text dir="auto" className={classes.said ?? ""} component="div">
        {parts(message.text).map((part, index) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: they are parts of one text
          index % 2 ? <strong key={index}>{part}</strong> : part,
        )}
      </Text>
    </section>
  );
}

export const Entry = memo(function Entry({ message, continued }: { message: Message; continued: boolean }) {
  const t = useTranslations();
  const formats = useFormats();
  if (message.internal && message.author === "agent") {
    return <PrivateNote message={message} />;
  }
  if (message.internal || message.author === "system") {
    return <Note message={message} />;
  }
  const theirs = message.author === "customer";
  return (
    <div
      className={classes.entry}
      data-author={message.author}
      data-side={theirs ? "start" : "end"}
      data-continued={continued || undefined}
    >
      {!continued && (
        <Text size="xs" c="dimmed" mb={4} px={4}>
          <bdi>{message.author_name ?? t(`inbox.authors.${message.author}`)}</bdi> ·{" "}
          <bdi>{formats.time(message.at)}</bdi>
        </Text>
      )}
      <div className={classes.bubble} title={formats.dateTime(message.at)}>
        <Text dir="auto" lang={message.language} className={classes.said ?? ""}>
          {message.text}
        </Text>
        <Files files={message.attachments} />
        <Choices message={message} />
      </div>
      {message.edited_at && (
        <Text size="xs" c="dimmed" px={4}>
          {t("inbox.edited")}
        </Text>
      )}
      {theirs && <Understood message={message} />}
      {message.author === "bot" && message.decision && (
        <Text size="xs" c="dimmed" mt={3} px={4} ta="end">
          {t("inbox.decision")} <bdi>{message.decision}</bdi>
        </Text>
      )}
      <DeliveryState message={message} />
    </div>
  );
});
