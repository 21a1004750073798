// The examples of an intent in a language: typed or pasted, edited where they stand, taken out, marked with entities.

import { Button, Group, Stack, Text, Textarea, Title } from "@mantine/core";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { useShortcut } from "../keys/Shortcuts";
import { plain } from "./annotations";
import classes from "./Editor.module.css";
import { ExampleRow } from "./ExampleRow";
import { linesOf, withMore } from "./examples";

interface Parts {
  examples: readonly string[];
  /** As they were before they were changed here, if they were. */
  known: readonly string[] | undefined;
  set: (examples: string[]) => void;
  entities: readonly string[];
  language: string;
  /** One that somebody was led to. */
  pointedOut: string | undefined;
}

export function Examples({ examples, known, set, entities, language, pointedOut }: Parts) {
  const t = useTranslations();
  const [typed, setTyped] = useState("");
  const [told, setTold] = useState("");
  const [editing, setEditing] = useState<number>();
  const field = useRef<HTMLTextAreaElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const before = known ? new Set(known) : undefined;
  const isNew = (text: string): boolean => before !== undefined && !before.has(text);
  // What was just added is seen without scrolling.
  const order = examples
    .map((text, at) => ({ text, at }))
    .sort((one, other) => Number(isNew(other.text)) - Number(isNew(one.text)));

  useEffect(() => {
    list.current?.querySelector("[data-pointed]")?.scrollIntoView({ block: "center" });
  }, []);

  const add = (text: string): void => {
    const more = withMore(examples, linesOf(text));
    if (more.added > 0) {
      set(more.examples);
    }
    setTold(
      [
        t("studio.examples.added", { count: more.added }),
        ...(more.known > 0 ? [t("studio.examples.known", { count: more.known })] : []),
      ].join(" · "),
    );
  };
  const submit = (): void => {
    if (typed.trim()) {
      add(typed);
      setTyped("");
    }
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
    if (event.key === "Escape") {
      field.current?.blur();
    }
  };
  const pasted = (event: ClipboardEvent): void => {
    const text = event.clipboardData.getData("text/plain");
    if (linesOf(text).length > 1 && !typed) {
      event.preventDefault();
      add(text);
    }
  };
  const buttons = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>("[data-edit]") ?? [])];
  const focused = (): number =>
    buttons().findIndex((one) => one.closest("li")?.contains(document.activeElement) ?? false);
  const move = (by: number): void => {
    const all = buttons();
    const at = focused();
    all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
  };
  const remove = (at: number): void => {
    const place = focused();
    set(examples.filter((_, other) => other !== at));
    setTold(t("studio.examples.removed"));
    if (place >= 0) {
      requestAnimationFrame(() => (buttons()[place] ?? buttons().at(-1) ?? field.current)?.focus());
    }
  };
  const change = (at: number, text: string): void => {
    const cleaned = text.trim().replace(/\s+/g, " ");
    if (!cleaned || !plain(cleaned).trim()) {
      remove(at);
    } else if (cleaned !== examples[at]) {
      set(examples.map((other, place) => (place === at ? cleaned : other)));
    }
  };
  useShortcut("addExample", () => field.current?.focus());
  useShortcut("nextExample", () => move(1));
  useShortcut("previousExample", () => move(-1));
  useShortcut("removeExample", () => {
    const one = order[focused()];
    if (one) {
      remove(one.at);
    }
  });

  return (
    <Stack component="section" gap="sm" aria-label={t("studio.kinds.examples")}>
      <Group justify="space-between" align="baseline">
        <Title order={2} size="h5">
          {t("studio.kinds.examples")}{" "}
          <Text span c="dimmed" size="sm" fw={400}>
            {t("studio.examples.count", { count: examples.length })}
          </Text>
        </Title>
        <Text size="xs" c="dimmed" role="status">
          {told}
        </Text>
      </Group>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Textarea
          ref={field}
          aria-label={t("studio.examples.add")}
          placeholder={t("studio.examples.addHow")}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={pressed}
          onPaste={pasted}
          autosize
          minRows={1}
          maxRows={8}
          flex={1}
          dir="auto"
          lang={language}
        />
        <Button variant="default" disabled={!typed.trim()} onClick={submit}>
          {t("studio.examples.addThem")}
        </Button>
      </Group>
      {examples.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("studio.examples.none")}
        </Text>
      ) : (
        <ul className={classes.examples} ref={list} aria-label={t("studio.kinds.examples")}>
          {order.map(({ text, at }) => (
            <ExampleRow
              key={`${at}:${text}`}
              text={text}
              language={language}
              entities={entities}
              fresh={isNew(text)}
              pointed={pointedOut !== undefined && plain(text) === plain(pointedOut)}
              editing={editing === at}
              edit={() => setEditing(at)}
              done={(changed, again) => {
                setEditing(undefined);
                if (changed !== undefined) {
                  change(at, changed);
                }
                if (again) {
                  const place = order.findIndex((one) => one.at === at);
                  requestAnimationFrame(() => buttons()[place]?.focus());
                }
              }}
              remove={() => remove(at)}
            />
          ))}
        </ul>
      )}
    </Stack>
  );
}
