import {
  ActionIcon,
  Badge,
  Box,
  Button,
  Divider,
  FileButton,
  Group,
  Pill,
  ScrollArea,
  Stack,
  Text,
  Textarea,
  Tooltip,
} from "@mantine/core";
import { IconArrowLeft, IconInfoCircle, IconPaperclip, IconRobot, IconSend, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { type Account, type Attachment, api, type Message, type Summary } from "./api";
import { ChannelIcon } from "./Conversations";
import { Entry } from "./Entry";
import { words } from "./words";

const day = (iso: string): string =>
  new Date(iso).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });

function History({
  messages,
  typing,
  onRetry,
}: {
  messages: Message[];
  typing: boolean;
  onRetry: (id: string) => void;
}) {
  const view = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const last = messages.at(-1)?.seq;
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when something is added
  useLayoutEffect(() => {
    if (view.current && atEnd.current) {
      view.current.scrollTop = view.current.scrollHeight;
    }
  }, [last, typing]);
  return (
    <ScrollArea
      flex={1}
      viewportRef={view}
      type="auto"
      px="md"
      onScrollPositionChange={() => {
        const v = view.current;
        atEnd.current = !v || v.scrollHeight - v.scrollTop - v.clientHeight < 120;
      }}
    >
      <Box py="sm" role="log" aria-live="polite" aria-label={words.history}>
        {messages.map((message, index) => {
          const previous = messages[index - 1];
          const newDay = !previous || day(previous.at) !== day(message.at);
          return (
            <div key={message.seq}>
              {newDay && <Divider my="sm" label={day(message.at)} labelPosition="center" />}
              <Entry message={message} onRetry={onRetry} />
            </div>
          );
        })}
        {typing && (
          <Text size="sm" c="dimmed" fs="italic">
            {words.typing}
          </Text>
        )}
      </Box>
    </ScrollArea>
  );
}

function Composer({
  id,
  mine,
  hint,
  field,
  onError,
}: {
  id: string;
  mine: boolean;
  hint: string;
  field: RefObject<HTMLTextAreaElement | null>;
  onError: (error: unknown) => void;
}) {
  // A draft belongs to its conversation: it is still there after a look at another.
  const [drafts, setDrafts] = useState<Record<string, string>>({});
  const [files, setFiles] = useState<Attachment[]>([]);
  const [busy, setBusy] = useState(false);
  const lastTyping = useRef(0);
  const text = drafts[id] ?? "";

  // biome-ignore lint/correctness/useExhaustiveDependencies: files belong to the conversation they were picked for
  useEffect(() => setFiles([]), [id]);

  const send = async (): Promise<void> => {
    if ((!text.trim() && files.length === 0) || busy) {
      return;
    }
    setBusy(true);
    try {
      await api.reply(id, text, files);
      setDrafts((d) => ({ ...d, [id]: "" }));
      setFiles([]);
    } catch (error) {
      onError(error);
    } finally {
      setBusy(false);
      field.current?.focus();
    }
  };

  const keys = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void send();
    } else if (event.key === "Escape") {
      field.current?.blur();
    }
  };

  const attach = async (picked: File[]): Promise<void> => {
    try {
      for (const file of picked) {
        const stored = await api.upload(file);
        setFiles((f) => [...f, stored]);
      }
    } catch (error) {
      onError(error);
    }
  };

  return (
    <Box p="sm" style={{ borderTop: "1px solid var(--mantine-color-default-border)" }}>
      {files.length > 0 && (
        <Group gap={6} mb={6}>
          {files.map((file) => (
            <Pill
              key={file.blob}
              withRemoveButton
              removeButtonProps={{ "aria-label": words.remove(file.name), "aria-hidden": false, tabIndex: 0 }}
              onRemove={() => setFiles((f) => f.filter((x) => x.blob !== file.blob))}
            >
              {file.name}
            </Pill>
          ))}
        </Group>
      )}
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <FileButton onChange={(picked) => void attach(picked)} multiple>
          {(props) => (
            <ActionIcon {...props} variant="subtle" size="lg" disabled={!mine} aria-label={words.attach}>
              <IconPaperclip size={18} />
            </ActionIcon>
          )}
        </FileButton>
        <Textarea
          ref={field}
          flex={1}
          autosize
          minRows={1}
          maxRows={8}
          dir="auto"
          aria-label={words.reply}
          placeholder={mine ? words.reply : hint}
          disabled={!mine}
          value={text}
          onKeyDown={keys}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setDrafts((d) => ({ ...d, [id]: value }));
            if (Date.now() - lastTyping.current > 4_000) {
              lastTyping.current = Date.now();
              api.typing(id).catch(() => undefined);
            }
          }}
        />
        <ActionIcon size="lg" onClick={() => void send()} loading={busy} disabled={!mine} aria-label={words.send}>
          <IconSend size={18} />
        </ActionIcon>
      </Group>
    </Box>
  );
}

export interface Actions {
  claim: () => void;
  giveBack: () => void;
  close: () => void;
}

export function ConversationView({
  summary,
  messages,
  me,
  typing,
  actions,
  field,
  onBack,
  onDetails,
  onRetry,
  onError,
}: {
  summary: Summary;
  messages: Message[];
  me: Account;
  typing: boolean;
  actions: Actions;
  field: RefObject<HTMLTextAreaElement | null>;
  onBack: () => void;
  onDetails: () => void;
  onRetry: (id: string) => void;
  onError: (error: unknown) => void;
}) {
  const { conversation } = summary;
  const mine = conversation.owner === "agent" && conversation.agent?.id === me.id;
  const taken = conversation.owner === "agent" && !mine;
  const canClaim = conversation.owner === "queue" || conversation.owner === "bot";
  return (
    <Stack gap={0} h="100%">
      <Group
        p="sm"
        justify="space-between"
        wrap="nowrap"
        style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}
      >
        <Group gap="xs" wrap="nowrap" miw={0}>
          <ActionIcon variant="subtle" hiddenFrom="sm" onClick={onBack} aria-label={words.back}>
            <IconArrowLeft size={18} />
          </ActionIcon>
          <ChannelIcon channel={conversation.channel} />
          <Text fw={650} truncate dir="auto">
            {conversation.customer?.name ?? words.unnamed}
          </Text>
          <Badge
            variant="light"
            tt="none"
            color={{ bot: "gray", queue: "orange", agent: "blue", closed: "gray" }[conversation.owner]}
          >
            {taken ? conversation.agent?.name : words.owners[conversation.owner]}
          </Badge>
        </Group>
        <Group gap={6} wrap="nowrap">
          {canClaim && (
            <Button size="xs" onClick={actions.claim}>
              {words.claim}
            </Button>
          )}
          {mine && (
            <>
              <Tooltip label={`${words.giveBack} (b)`}>
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<IconRobot size={14} />}
                  onClick={actions.giveBack}
                  aria-label={words.giveBack}
                >
                  <Box visibleFrom="md">{words.giveBack}</Box>
                </Button>
              </Tooltip>
              <Tooltip label={`${words.close} (x)`}>
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<IconX size={14} />}
                  onClick={actions.close}
                  aria-label={words.close}
                >
                  <Box visibleFrom="md">{words.close}</Box>
                </Button>
              </Tooltip>
            </>
          )}
          <ActionIcon variant="subtle" onClick={onDetails} aria-label={words.details}>
            <IconInfoCircle size={18} />
          </ActionIcon>
        </Group>
      </Group>
      <History messages={messages} typing={typing} onRetry={onRetry} />
      <Composer
        id={conversation.id}
        mine={mine}
        hint={taken ? words.others(conversation.agent?.name ?? "") : words.claimFirst}
        field={field}
        onError={onError}
      />
    </Stack>
  );
}
