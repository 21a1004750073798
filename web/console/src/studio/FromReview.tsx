import { Button, Group, Paper, Text } from "@mantine/core";
import { IconBulb } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import type { Intent } from "./calls";
import { comparable, withMore } from "./examples";
import { byLanguage } from "./Lessons";
import { lessonsQuery } from "./queries";
import classes from "./Studio.module.css";
import type { Editing } from "./useIntentDraft";

/** Messages that people said to mean this intent: one click makes examples of them, to be looked through and saved. */
export function FromReview({ intent, editing }: { intent: Intent; editing: Editing }) {
  const t = useTranslations();
  const { data } = useQuery(lessonsQuery);
  const verdicts = data?.items.find((lesson) => lesson.intent === intent.name)?.verdicts ?? [];
  const left = Object.entries(byLanguage(verdicts)).flatMap(([language, texts]) => {
    const present = new Set((editing.value(`examples:${language}`) as string[]).map(comparable));
    const more = texts.filter((text) => !present.has(comparable(text)));
    return more.length > 0 ? [{ language, more }] : [];
  });
  const count = left.reduce((sum, { more }) => sum + more.length, 0);
  if (count === 0) {
    return null;
  }
  const take = (): void => {
    for (const { language, more } of left) {
      const present = editing.value(`examples:${language}`) as string[];
      editing.set(`examples:${language}`, withMore(present, more).examples);
    }
  };
  return (
    <Paper
      component="section"
      withBorder
      p="sm"
      className={classes.lessons ?? ""}
      aria-label={t("studio.lessons.label")}
    >
      <Group justify="space-between" gap="sm">
        <IconBulb size={18} aria-hidden style={{ flex: "none" }} />
        <Text size="sm" flex="1 1 200px">
          {t("studio.lessons.here", { count })} <bdi>“{left[0]?.more[0]}”</bdi>
        </Text>
        <Button size="compact-sm" variant="default" onClick={take}>
          {t("studio.lessons.take")}
        </Button>
      </Group>
    </Paper>
  );
}
