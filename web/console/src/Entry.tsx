// One entry of a conversation's history.

import { Anchor, Badge, Box, Button, Collapse, Group, Image, Paper, Text, UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconChevronDown, IconPaperclip } from "@tabler/icons-react";
import { memo, useState } from "react";
import { type Attachment, fileUrl, type Message } from "./api";
import { languageName, words } from "./words";

const percent = (value: number): string => `${Math.round(value * 100)} %`;

function Understood({ message }: { message: Message }) {
  const [shown, setShown] = useState(false);
  const understood = message.understanding;
  if (!understood) {
    return null;
  }
  const head = understood.in_scope ? understood.intent : null;
  return (
    <Box mt={4} style={{ fontSize: 12 }}>
      <UnstyledButton onClick={() => setShown(!shown)} aria-expanded={shown} fz={12} c="dimmed">
        {words.understood}{" "}
        <Text span fz={12} fw={600}>
          {head ? `${head.name} ${percent(head.confidence)}` : words.outOfScope}
        </Text>{" "}
        · {languageName(understood.language.code)}{" "}
        <IconChevronDown
          size={12}
          style={{ transform: shown ? "rotate(180deg)" : undefined, verticalAlign: "middle" }}
        />
      </UnstyledButton>
      <Collapse expanded={shown}>
        <Box mt={4} c="dimmed">
          {understood.ranking.slice(0, 4).map((ranked) => (
            <div key={ranked.name}>
              {ranked.name} {percent(ranked.confidence)}
            </div>
          ))}
          {understood.sentiment && (
            <div>
              {words.sentiments[understood.sentiment.label] ?? understood.sentiment.label} · {words.anger}{" "}
              {percent(understood.sentiment.anger)} · {words.urgency} {percent(understood.sentiment.urgency)}
            </div>
          )}
          {understood.entities.length > 0 && (
            <div>
              {words.entities}: {understood.entities.map((e) => `${e.entity} = ${e.value}`).join(", ")}
            </div>
          )}
        </Box>
      </Collapse>
    </Box>
  );
}

function Files({ files }: { files: Attachment[] }) {
  return files.map((file) => {
    if (!file.blob) {
      return (
        <Text key={file.name} size="xs" c="red">
          {file.name}: {file.error}
        </Text>
      );
    }
    return (
      <Anchor key={file.blob} href={fileUrl(file)} target="_blank" rel="noopener" size="sm">
        {/^image\/(png|jpeg|gif|webp)$/.test(file.content_type) ? (
          <Image src={fileUrl(file)} alt={file.name} mah={260} w="auto" maw="100%" fit="contain" radius="sm" mt={4} />
        ) : (
          <Group gap={4} mt={4}>
            <IconPaperclip size={14} />
            {file.name}
          </Group>
        )}
      </Anchor>
    );
  });
}

export const Entry = memo(function Entry({ message, onRetry }: { message: Message; onRetry: (id: string) => void }) {
  const time = new Date(message.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (message.internal || message.author === "system") {
    return (
      <Box ta="center" my={6} data-author={message.author}>
        <Text size="xs" c="dimmed" dir="auto" style={{ whiteSpace: "pre-wrap" }}>
          {message.internal && (
            <Badge size="xs" variant="default" mr={6} tt="none">
              {words.internal}
            </Badge>
          )}
          {message.text} · {time}
        </Text>
        {message.buttons.length > 0 && (
          <Text size="xs" c="dimmed">
            {message.buttons.map((b) => `[${b.label}]`).join(" ")}
          </Text>
        )}
      </Box>
    );
  }
  const theirs = message.author === "customer";
  const background = theirs
    ? "var(--mantine-color-default-hover)"
    : message.author === "agent"
      ? "var(--mantine-primary-color-light)"
      : "transparent";
  return (
    <Group justify={theirs ? "flex-start" : "flex-end"} my={6} data-author={message.author}>
      <Box maw="78%">
        <Group gap={6} justify={theirs ? "flex-start" : "flex-end"}>
          <Text size="xs" c="dimmed">
            {message.author_name ?? message.author} · {time}
            {message.edited_at ? ` · ${words.edited}` : ""}
          </Text>
        </Group>
        <Paper withBorder={message.author === "bot"} radius="md" px="sm" py={7} style={{ background }}>
          <Text dir="auto" lang={message.language} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {message.text}
          </Text>
          <Files files={message.attachments} />
          {message.buttons.length > 0 && (
            <Group gap={4} mt={6}>
              {message.buttons.map((button) => (
                <Badge key={button.value} variant="default" tt="none" fw={500}>
                  {button.label}
                </Badge>
              ))}
            </Group>
          )}
        </Paper>
        {theirs ? (
          <Understood message={message} />
        ) : (
          message.author === "bot" &&
          message.decision && (
            <Text size="xs" c="dimmed" ta="end" mt={2}>
              {words.decision}: {message.decision}
            </Text>
          )
        )}
        {message.delivery?.state === "dead" && (
          <Group gap={6} justify="flex-end" mt={4} c="red" role="alert">
            <IconAlertTriangle size={14} />
            <Text size="xs">
              {words.undelivered}: {message.delivery.error}
            </Text>
            <Button size="compact-xs" variant="light" color="red" onClick={() => onRetry(message.id)}>
              {words.retry}
            </Button>
          </Group>
        )}
        {message.delivery?.state === "pending" && message.delivery.attempts > 0 && (
          <Text size="xs" c="orange" ta="end">
            {words.pending}: {message.delivery.error}
          </Text>
        )}
      </Box>
    </Group>
  );
});
