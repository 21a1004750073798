// What the review has found to learn: verdicts that are no examples yet, and one click to make them such.

import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBulb } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useComplain } from "../shared/complain";
import { TextLink } from "../shared/links";
import { type Lesson, studio } from "./calls";
import { lessonsQuery } from "./queries";
import classes from "./Studio.module.css";

/** Intents that are named; the others are counted. */
const NAMED = 4;

/** Texts by their languages. */
export function byLanguage(verdicts: readonly { language: string; text: string }[]): Record<string, string[]> {
  const texts: Record<string, string[]> = {};
  for (const { language, text } of verdicts) {
    texts[language] = [...(texts[language] ?? []), text];
  }
  return texts;
}

export function useTeach() {
  const t = useTranslations();
  const client = useQueryClient();
  const complain = useComplain();
  return useMutation({
    mutationFn: ({ intent, verdicts }: { intent: string; verdicts: Lesson["verdicts"] }) =>
      studio.addExamples(intent, byLanguage(verdicts)),
    onSuccess: ({ added, intent }) => {
      notifications.show({ message: t("studio.lessons.taught", { count: added, intent }) });
      return client.invalidateQueries({ queryKey: ["studio"] });
    },
    onError: complain,
  });
}

export function Lessons() {
  const t = useTranslations();
  const navigate = useNavigate();
  const { data } = useQuery(lessonsQuery);
  const teach = useTeach();
  const items = data?.items ?? [];
  const count = items.reduce((sum, { verdicts }) => sum + verdicts.length, 0);
  if (count === 0) {
    return null;
  }
  return (
    <Paper
      component="section"
      withBorder
      p="md"
      className={classes.lessons ?? ""}
      aria-label={t("studio.lessons.label")}
    >
      <Stack gap="xs">
        <Group gap={8} wrap="nowrap">
          <IconBulb size={18} aria-hidden style={{ flex: "none" }} />
          <Text size="sm" fw={650}>
            {t("studio.lessons.title", { count })}
          </Text>
        </Group>
        {items.slice(0, NAMED).map((lesson) => (
          <Group key={lesson.intent} gap="4px 12px" justify="space-between">
            <Text size="sm" lineClamp={1} flex="1 1 220px">
              {lesson.known ? (
                <TextLink to="/studio/intents/$name" params={{ name: lesson.intent }} size="sm" fw={600}>
                  {lesson.intent}
                </TextLink>
              ) : (
                <Text span fw={600} size="sm">
                  <bdi>{lesson.intent}</bdi>
                </Text>
              )}{" "}
              · {t("studio.lessons.messages", { count: lesson.verdicts.length })}:{" "}
              <bdi>“{lesson.verdicts[0]?.text}”</bdi>
            </Text>
            {lesson.known ? (
              <Button
                size="compact-sm"
                variant="default"
                style={{ flexShrink: 0 }}
                loading={teach.isPending && teach.variables.intent === lesson.intent}
                onClick={() => teach.mutate(lesson)}
                aria-label={t("studio.lessons.teachOne", { intent: lesson.intent })}
              >
                {t("studio.lessons.teach")}
              </Button>
            ) : (
              <Button
                size="compact-sm"
                variant="default"
                style={{ flexShrink: 0 }}
                onClick={() => void navigate({ to: "/studio/new", search: { name: lesson.intent } })}
                aria-label={t("studio.lessons.makeOne", { intent: lesson.intent })}
              >
                {t("studio.lessons.make")}
              </Button>
            )}
          </Group>
        ))}
        {items.length > NAMED && (
          <Text size="xs" c="dimmed">
            {t("studio.lessons.more", { count: items.length - NAMED })}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
