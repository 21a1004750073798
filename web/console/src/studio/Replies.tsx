// What the bot says to an intent in a language: one of several variants, and how it is called on a button.

import { ActionIcon, Button, Group, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import type { Said } from "./draft";

interface Parts {
  said: Said;
  set: (said: Said) => void;
  language: string;
  /** Whether a reply is wanted at all. */
  answered: boolean;
}

export function Replies({ said, set, language, answered }: Parts) {
  const t = useTranslations();
  // There is always a field to write into.
  const texts = said.replies.length > 0 || !answered ? said.replies : [""];
  const change = (replies: string[]): void => set({ ...said, replies });
  return (
    <Stack component="section" gap="sm" aria-label={t("studio.kinds.replies")}>
      <Title order={2} size="h5">
        {t("studio.kinds.replies")}
      </Title>
      <TextInput
        label={t("studio.intent.label")}
        description={t("studio.intent.labelWhat")}
        value={said.label}
        onChange={(event) => set({ ...said, label: event.currentTarget.value })}
        maxLength={200}
        maw={420}
        dir="auto"
        lang={language}
      />
      {texts.map((text, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a variant is the field that it stands in
        <Group key={at} gap="xs" align="flex-start" wrap="nowrap">
          <Textarea
            aria-label={t("studio.intent.variant", { number: at + 1 })}
            placeholder={t("studio.intent.replyHere")}
            value={text}
            onChange={(event) =>
              change(texts.map((other, place) => (place === at ? event.currentTarget.value : other)))
            }
            autosize
            minRows={1}
            flex={1}
            dir="auto"
            lang={language}
          />
          {(texts.length > 1 || text) && (
            <ActionIcon
              variant="subtle"
              color="gray"
              mt={4}
              aria-label={t("studio.intent.removeVariant", { number: at + 1 })}
              onClick={() => change(texts.filter((_, place) => place !== at))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {!answered && texts.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("studio.intent.noReply")}
        </Text>
      )}
      <Group gap="xs">
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          onClick={() => change([...texts, ""])}
        >
          {texts.length > 0 ? t("studio.intent.addVariant") : t("studio.intent.addReply")}
        </Button>
        {texts.length > 1 && (
          <Text size="xs" c="dimmed">
            {t("studio.intent.variants")}
          </Text>
        )}
      </Group>
    </Stack>
  );
}
