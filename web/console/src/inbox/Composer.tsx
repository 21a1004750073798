// Where an agent writes: to the customer, or a note to colleagues, which looks like nothing else.

import { SegmentedControl } from "@mantine/core";
import { type RefObject, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslations } from "use-intl";
import type { Conversation } from "../api/client";
import { useShortcut } from "../keys/Shortcuts";
import classes from "./Inbox.module.css";
import { NoteField } from "./NoteField";
import { ReplyField } from "./ReplyField";

export function Composer({
  conversation,
  mine,
  field,
  wantsToWrite,
  lastSaid,
}: {
  conversation: Conversation;
  mine: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
  /** Set by whoever claims the conversation in order to answer. */
  wantsToWrite: RefObject<boolean>;
  /** The customer's last entry. */
  lastSaid: number;
}) {
  const t = useTranslations();
  const [note, setNote] = useState(false);
  const noteField = useRef<HTMLTextAreaElement>(null);
  const write = (to: "note" | "reply"): void => {
    flushSync(() => setNote(to === "note"));
    (to === "note" ? noteField : field).current?.focus();
  };
  useShortcut("note", () => write("note"));
  useShortcut("reply", () => write("reply"));
  return (
    <div className={classes.composer} data-note={note || undefined}>
      <SegmentedControl
        size="xs"
        mb={8}
        aria-label={t("inbox.writes")}
        value={note ? "note" : "reply"}
        onChange={(value) => write(value as "note" | "reply")}
        data={[
          { value: "reply", label: t("inbox.answer") },
          { value: "note", label: t("inbox.note") },
        ]}
      />
      {note ? (
        <NoteField id={conversation.id} field={noteField} />
      ) : (
        <ReplyField
          conversation={conversation}
          mine={mine}
          field={field}
          wantsToWrite={wantsToWrite}
          lastSaid={lastSaid}
        />
      )}
    </div>
  );
}
