// What the bot would answer, ready to be edited and sent: by a click, or by Alt and a digit.

import { Kbd, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { suggestionsQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import classes from "./Choices.module.css";

export function Suggestions({
  id,
  lastSaid,
  shown,
  insert,
}: {
  id: string;
  lastSaid: number;
  shown: boolean;
  insert: (text: string) => void;
}) {
  const t = useTranslations();
  const formats = useFormats();
  const { data: items = [] } = useQuery(suggestionsQuery(id, lastSaid));
  const pick = useRef<(index: number) => boolean>(() => false);
  pick.current = (index) => {
    const item = items[index];
    if (item) {
      insert(item.text);
    }
    return item !== undefined;
  };
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      // By its place: with Alt some keyboards write another character.
      const digit = /^(?:Digit|Numpad)([1-3])$/.exec(event.code)?.[1];
      if (event.altKey && !event.ctrlKey && !event.metaKey && digit && pick.current(Number(digit) - 1)) {
        event.preventDefault();
      }
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
  if (!shown || items.length === 0) {
    return null;
  }
  return (
    <section aria-label={t("inbox.suggestions")} className={classes.suggestions}>
      {items.map((item, index) => (
        <UnstyledButton
          key={item.intent}
          className={classes.suggestion}
          onClick={() => insert(item.text)}
          title={item.text}
        >
          <Text size="xs" c="dimmed" mb={2} truncate>
            <Kbd size="xs">Alt+{index + 1}</Kbd> <bdi>{item.intent}</bdi> {formats.percent(item.confidence)}
          </Text>
          <Text inherit lineClamp={2} dir="auto" lang={item.language}>
            {item.text}
          </Text>
        </UnstyledButton>
      ))}
    </section>
  );
}
