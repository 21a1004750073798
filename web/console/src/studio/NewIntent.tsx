// A new intent: its name, what it means, first examples and a reply. Everything else is done in its editor.

import { Alert, Button, Group, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { useMessageOf } from "../shared/complain";
import { LANGUAGES } from "../shared/languages";
import { Page } from "../shared/Page";
import { findingsOf, type Lesson, studio } from "./calls";
import { linesOf, withMore } from "./examples";
import { NAME } from "./IntentMenu";
import { Leaving } from "./Leaving";
import { byLanguage } from "./Lessons";
import { intentQuery, intentsQuery, lessonsQuery } from "./queries";

export default function NewIntent() {
  const t = useTranslations();
  const { name: wanted = "" } = useSearch({ from: "/pages/studio/new" });
  const intents = useQuery(intentsQuery);
  const lessons = useQuery(lessonsQuery);
  if (!intents.data || !lessons.data) {
    return <Page title={t("studio.new.title")}>{null}</Page>;
  }
  const taken = intents.data.items.map(({ name }) => name);
  const verdicts = lessons.data.items.find((lesson) => lesson.intent === wanted)?.verdicts ?? [];
  return <Form wanted={wanted} verdicts={verdicts} taken={taken} first={intents.data.default_language} />;
}

interface Given {
  wanted: string;
  verdicts: Lesson["verdicts"];
  taken: readonly string[];
  first: string;
}

function Form({ wanted, verdicts, taken, first }: Given) {
  const t = useTranslations();
  const formats = useFormats();
  const client = useQueryClient();
  const navigate = useNavigate();
  const messageOf = useMessageOf();
  const reviewed = byLanguage(verdicts);
  const [language, setLanguage] = useState(first);
  const [name, setName] = useState(wanted);
  const [means, setMeans] = useState("");
  const [examples, setExamples] = useState((reviewed[first] ?? []).join("\n"));
  const [label, setLabel] = useState("");
  const [reply, setReply] = useState("");
  const [tried, setTried] = useState(false);
  const add = useMutation({
    mutationFn: studio.addIntent,
    onSuccess: async (intent) => {
      client.setQueryData(intentQuery(intent.name).queryKey, intent);
      await navigate({ to: "/studio/intents/$name", params: { name: intent.name }, search: { language } });
      void client.invalidateQueries({ queryKey: ["studio"] });
    },
  });
  const lines = withMore([], linesOf(examples)).examples;
  const others = Object.entries(reviewed).filter(([code]) => code !== first);
  const wrong = {
    name: !NAME.test(name) ? t("review.nameIs") : taken.includes(name) ? t("review.nameTaken", { name }) : undefined,
    means: means.trim() ? undefined : t("studio.new.needed"),
    reply: reply.trim() || language !== first ? undefined : t("studio.new.needed"),
  };
  const touched = !add.isSuccess && !add.isPending && [means, label, reply].some(Boolean);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (!wrong.name && !wrong.means && !wrong.reply) {
      const taught = Object.fromEntries(others.filter(([code]) => code !== language));
      add.mutate({
        name,
        means: means.trim(),
        buttons: [],
        examples: { ...taught, ...(lines.length > 0 ? { [language]: lines } : {}) },
        replies:
          reply.trim() || label.trim()
            ? { [language]: { label: label.trim() || null, replies: reply.trim() ? [reply.trim()] : [] } }
            : {},
      });
    }
  };
  const found = findingsOf(add.error);
  return (
    <Page title={t("studio.new.title")}>
      <Leaving when={touched} lost />
      <form onSubmit={submit} noValidate>
        <Stack maw={760} gap="lg">
          <Text size="sm" c="dimmed">
            {t("studio.new.what")}
          </Text>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput
              label={t("review.name")}
              description={t("studio.new.nameWhat")}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={tried && wrong.name}
              maxLength={100}
              spellCheck={false}
              autoComplete="off"
              dir="ltr"
              required
              autoFocus
            />
            <TextInput
              label={t("studio.intent.means")}
              description={t("studio.intent.meansWhat")}
              value={means}
              onChange={(event) => setMeans(event.currentTarget.value)}
              error={tried && wrong.means}
              maxLength={1000}
              dir="auto"
              required
            />
          </SimpleGrid>
          <Select
            label={t("inbox.language")}
            value={language}
            onChange={(code) => code && setLanguage(code)}
            allowDeselect={false}
            searchable
            data={[...new Set([first, ...LANGUAGES])].map((value) => ({ value, label: formats.language(value) }))}
            maw={320}
          />
          <Textarea
            label={t("studio.kinds.examples")}
            description={t("studio.new.examplesWhat")}
            value={examples}
            onChange={(event) => setExamples(event.currentTarget.value)}
            autosize
            minRows={5}
            maxRows={16}
            dir="auto"
            lang={language}
          />
          <Text size="xs" c="dimmed" mt={-14} role="status">
            {t("studio.examples.count", { count: lines.length })}
            {others.length > 0 &&
              ` · ${t("studio.new.others", { languages: formats.list(others.map(([code]) => formats.language(code))) })}`}
          </Text>
          <Textarea
            label={t("studio.new.reply")}
            value={reply}
            onChange={(event) => setReply(event.currentTarget.value)}
            error={tried && wrong.reply}
            autosize
            minRows={2}
            dir="auto"
            lang={language}
            required={language === first}
          />
          <TextInput
            label={t("studio.intent.label")}
            description={t("studio.intent.labelWhat")}
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
            maxLength={200}
            maw={420}
            dir="auto"
            lang={language}
          />
          {add.error && (
            <Alert color="red" role="alert">
              {found.length > 0 ? found.map(({ reason }) => <div key={reason}>{reason}</div>) : messageOf(add.error)}
            </Alert>
          )}
          <Group gap="xs">
            <Button type="submit" loading={add.isPending}>
              {t("studio.new.make")}
            </Button>
            <Button variant="default" onClick={() => void navigate({ to: "/studio" })}>
              {t("states.cancel")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Page>
  );
}
