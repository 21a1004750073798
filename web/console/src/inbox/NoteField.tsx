// Where an agent tells colleagues something that the customer never sees; `@` calls one of them.

import { ActionIcon, Group, Textarea } from "@mantine/core";
import { IconLock, IconNotes } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type RefObject, useId, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslations } from "use-intl";
import { api } from "../api/client";
import { agentsQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useComplain } from "../shared/complain";
import { Choices } from "./Choices";
import { useDraft } from "./draft";
import classes from "./Inbox.module.css";
import { called, completed } from "./mentions";
import { useChoice } from "./useChoice";

export function NoteField({ id, field }: { id: string; field: RefObject<HTMLTextAreaElement | null> }) {
  const t = useTranslations();
  const { me } = useSession();
  const complain = useComplain();
  const list = useId();
  const [text, setText] = useDraft(me.id, `${id}:note`);
  const [caret, setCaret] = useState(0);
  const { data: colleagues } = useQuery(agentsQuery);
  const begun = called(text.slice(0, caret));
  const wanted = begun?.toLocaleLowerCase();
  const fitting = (wanted === undefined ? [] : (colleagues?.items ?? []))
    .filter(({ login, name }) => [login, name].some((word) => word.toLocaleLowerCase().startsWith(wanted ?? "")))
    .slice(0, 6);

  const call = (login: string): void => {
    const [whole, at] = completed(text, caret, login);
    // At once: what is typed next must not come before the caret has moved.
    flushSync(() => {
      setText(whole);
      setCaret(at);
    });
    field.current?.focus();
    field.current?.setSelectionRange(at, at);
  };
  const choice = useChoice(
    fitting.map(({ login }) => login),
    call,
    () => setCaret(0),
  );

  const add = useMutation({
    mutationFn: () => api.note(id, text),
    onSuccess: () => setText(""),
    onError: complain,
    onSettled: () => field.current?.focus(),
  });
  const submit = (): void => {
    if (text.trim() && !add.isPending) {
      add.mutate();
    }
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || choice.pressed(event)) {
      return;
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape") {
      field.current?.blur();
    }
  };
  return (
    <>
      {fitting.length > 0 && (
        <Choices
          id={list}
          label={t("inbox.colleagues")}
          active={choice.active}
          choose={call}
          items={fitting.map(({ login, name }) => ({ key: login, title: name, more: `@${login}` }))}
        />
      )}
      <Group align="flex-end" gap={4} wrap="nowrap" className={classes.box ?? ""}>
        <IconLock size={18} aria-hidden style={{ margin: 9, flex: "none" }} />
        <Textarea
          ref={field}
          flex={1}
          variant="unstyled"
          autosize
          minRows={1}
          maxRows={8}
          dir="auto"
          aria-label={t("inbox.noteHint")}
          aria-controls={fitting.length > 0 ? list : undefined}
          aria-activedescendant={fitting.length > 0 ? `${list}-${choice.active}` : undefined}
          placeholder={t("inbox.noteHint")}
          value={text}
          onKeyDown={pressed}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setCaret(event.currentTarget.selectionStart);
          }}
        />
        <ActionIcon size="lg" color="yellow.9" onClick={submit} loading={add.isPending} aria-label={t("inbox.addNote")}>
          <IconNotes size={18} />
        </ActionIcon>
      </Group>
    </>
  );
}
