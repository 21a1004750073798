// Where an agent answers. What was begun is kept with its conversation until it is sent.

import { ActionIcon, FileButton, Group, Loader, Pill, Textarea } from "@mantine/core";
import { IconMessageBolt, IconPaperclip, IconSend } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type KeyboardEvent, lazy, type RefObject, Suspense, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { api, type Conversation, type Stored } from "../api/client";
import { useSession } from "../app/session";
import { useComplain } from "../shared/complain";
import { useDraft } from "./draft";
import classes from "./Inbox.module.css";
import { Suggestions } from "./Suggestions";

const CannedList = lazy(() => import("./CannedList"));

/** Milliseconds between two notices to the customer that the agent is typing. */
const TYPING_EVERY = 4_000;

export function ReplyField({
  conversation,
  mine,
  field,
  wantsToWrite,
  lastSaid,
}: {
  conversation: Conversation;
  mine: boolean;
  /** The customer's last entry, which answers are suggested to. */
  lastSaid: number;
  field: RefObject<HTMLTextAreaElement | null>;
  /** Set by whoever claims the conversation in order to answer. */
  wantsToWrite: RefObject<boolean>;
}) {
  const t = useTranslations();
  const { me } = useSession();
  const complain = useComplain();
  const { id } = conversation;
  const [text, setText] = useDraft(me.id, id);
  const [files, setFiles] = useState<Stored[]>([]);
  const [picking, setPicking] = useState(false);
  const toldTyping = useRef(0);
  const taken = conversation.owner === "agent" && !mine;
  const hint = taken ? t("inbox.others", { name: conversation.agent?.name ?? "" }) : t("inbox.claimFirst");

  useEffect(() => {
    if (mine && wantsToWrite.current) {
      wantsToWrite.current = false;
      field.current?.focus();
    }
  }, [mine, field, wantsToWrite]);

  const send = useMutation({
    mutationFn: () => api.reply(id, text, files),
    onSuccess: () => {
      setText("");
      setFiles([]);
    },
    onError: complain,
    onSettled: () => field.current?.focus(),
  });
  const submit = (): void => {
    if ((text.trim() || files.length > 0) && !send.isPending) {
      send.mutate();
    }
  };

  const attach = useMutation({
    mutationFn: async (picked: File[]) => {
      for (const file of picked) {
        const stored = await api.upload(file);
        setFiles((known) => [...known, stored]);
      }
    },
    onError: complain,
  });

  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape") {
      field.current?.blur();
    }
  };

  /** Puts a ready text where it can be edited, after what is there. */
  const insert = (ready: string): void => {
    setText(text.trim() ? `${text.trimEnd()}\n${ready}` : ready);
    setPicking(false);
    field.current?.focus();
  };

  const written = (value: string): void => {
    if (text === "" && value === "/") {
      setPicking(true);
      return;
    }
    setText(value);
    if (Date.now() - toldTyping.current > TYPING_EVERY) {
      toldTyping.current = Date.now();
      api.typing(id).catch(() => undefined); // the customer misses a hint
    }
  };

  return (
    <>
      {mine && <Suggestions id={id} lastSaid={lastSaid} shown={text === "" && !picking} insert={insert} />}
      {picking && mine && (
        <Suspense fallback={<Loader size="sm" m="xs" />}>
          <CannedList
            id={id}
            insert={insert}
            leave={() => {
              setPicking(false);
              field.current?.focus();
            }}
          />
        </Suspense>
      )}
      {files.length > 0 && (
        <Group gap={6} mb={8}>
          {files.map((file) => (
            <Pill
              key={file.blob}
              withRemoveButton
              removeButtonProps={{
                "aria-label": t("inbox.remove", { name: file.name }),
                "aria-hidden": false,
                tabIndex: 0,
              }}
              onRemove={() => setFiles((known) => known.filter((other) => other.blob !== file.blob))}
            >
              {file.name}
            </Pill>
          ))}
        </Group>
      )}
      <Group align="flex-end" gap={4} wrap="nowrap" className={classes.box ?? ""}>
        <FileButton onChange={(picked) => attach.mutate(picked)} multiple>
          {(props) => (
            <ActionIcon
              {...props}
              variant="subtle"
              color="gray"
              size="lg"
              disabled={!mine}
              loading={attach.isPending}
              aria-label={t("inbox.attach")}
            >
              <IconPaperclip size={18} />
            </ActionIcon>
          )}
        </FileButton>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          disabled={!mine}
          onClick={() => setPicking(!picking)}
          aria-expanded={picking}
          aria-label={t("inbox.canned")}
        >
          <IconMessageBolt size={18} />
        </ActionIcon>
        <Textarea
          ref={field}
          flex={1}
          variant="unstyled"
          autosize
          minRows={1}
          maxRows={8}
          dir="auto"
          aria-label={t("inbox.reply")}
          placeholder={mine ? t("inbox.reply") : hint}
          disabled={!mine}
          value={text}
          onKeyDown={pressed}
          onChange={(event) => written(event.currentTarget.value)}
        />
        <ActionIcon size="lg" onClick={submit} loading={send.isPending} disabled={!mine} aria-label={t("inbox.send")}>
          <IconSend size={18} className={classes.mirrored} />
        </ActionIcon>
      </Group>
    </>
  );
}
