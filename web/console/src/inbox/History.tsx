// What was said, by day; it stays at its end while one reads there, and where it is while one reads further up.

import { Divider, Text } from "@mantine/core";
import { useEffect, useLayoutEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import type { Message } from "../api/client";
import { useFormats } from "../i18n/formats";
import { Entry } from "./Entry";
import classes from "./Inbox.module.css";

const AT_END = 120;
const TOGETHER = 5 * 60_000;

/** Whether somebody goes on speaking: then their name need not be told again. */
function goesOn(message: Message, before: Message | undefined): boolean {
  return (
    before !== undefined &&
    !before.internal &&
    before.author === message.author &&
    before.author_name === message.author_name &&
    Date.parse(message.at) - Date.parse(before.at) < TOGETHER
  );
}

export function History({
  messages,
  at,
  typing,
}: {
  messages: Message[];
  /** The entry that is looked for. */
  at: number | undefined;
  typing: boolean;
}) {
  const t = useTranslations();
  const formats = useFormats();
  const view = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const last = messages.at(-1)?.seq;

  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when something is added
  useLayoutEffect(() => {
    if (view.current && atEnd.current) {
      view.current.scrollTop = view.current.scrollHeight;
    }
  }, [last, typing]);

  // What comes up below takes room from what is read.
  useEffect(() => {
    const { current } = view;
    const resized = new ResizeObserver(() => {
      if (current && atEnd.current) {
        current.scrollTop = current.scrollHeight;
      }
    });
    if (current) {
      resized.observe(current);
    }
    return () => resized.disconnect();
  }, []);

  useLayoutEffect(() => {
    const wanted = at === undefined ? null : view.current?.querySelector(`[data-seq="${at}"]`);
    if (wanted) {
      atEnd.current = false;
      wanted.scrollIntoView({ block: "center" });
    }
  }, [at]);

  return (
    <div
      ref={view}
      className={`${classes.scroll} ${classes.history}`}
      role="log"
      aria-live="polite"
      aria-label={t("inbox.history")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: v }) => {
        atEnd.current = v.scrollHeight - v.scrollTop - v.clientHeight < AT_END;
      }}
    >
      {messages.map((message, index) => {
        const before = messages[index - 1];
        const day = formats.day(message.at);
        const newDay = !before || formats.day(before.at) !== day;
        return (
          <div key={message.seq} data-seq={message.seq}>
            {newDay && <Divider mt="md" mb="xs" label={day} labelPosition="center" />}
            <div className={message.seq === at ? classes.found : undefined}>
              <Entry message={message} continued={!newDay && goesOn(message, before)} />
            </div>
          </div>
        );
      })}
      {typing && (
        <Text size="sm" c="dimmed" fs="italic" mt="sm">
          {t("inbox.typing")}
        </Text>
      )}
    </div>
  );
}
