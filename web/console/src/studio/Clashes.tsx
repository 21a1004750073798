// What somebody else has changed meanwhile: both versions beside each other, to choose from or to be put together.

import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { IconGitMerge } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import type { Intent } from "./calls";
import { type Key, kindOf, known, languageOf, type Meaning, merged, type Said, type Value } from "./draft";
import classes from "./Editor.module.css";
import type { Editing } from "./useIntentDraft";

export function Clashes({ intent, editing }: { intent: Intent; editing: Editing }) {
  return editing.clashes.map((key) => <Clash key={key} part={key} intent={intent} editing={editing} />);
}

function Clash({ part, intent, editing }: { part: Key; intent: Intent; editing: Editing }) {
  const t = useTranslations();
  const formats = useFormats();
  const changed = editing.draft[part];
  if (!changed) {
    return null;
  }
  const theirs = known(intent, part).value;
  const { base, value: mine } = changed;
  const language = languageOf(part);
  const name = `${t(`studio.kinds.${kindOf(part)}`)}${language ? ` · ${formats.language(language)}` : ""}`;
  return (
    <Paper withBorder p="md" role="alert" className={classes.clash ?? ""}>
      <Stack gap="sm">
        <Group gap={8} wrap="nowrap">
          <IconGitMerge size={18} aria-hidden style={{ flex: "none" }} />
          <Text size="sm" fw={650}>
            {t("studio.clash.title", { part: name })}
          </Text>
        </Group>
        <Text size="sm">{t("studio.clash.why")}</Text>
        <div className={classes.columns}>
          <Version title={t("studio.clash.mine")} part={part} base={base} value={mine} />
          <Version title={t("studio.clash.theirs")} part={part} base={base} value={theirs} />
        </div>
        <Group gap="xs">
          <Button size="xs" onClick={() => editing.resolve(part, merged(part, base, mine, theirs))}>
            {t("studio.clash.merge")}
          </Button>
          <Button size="xs" variant="default" onClick={() => editing.resolve(part, mine)}>
            {t("studio.clash.keepMine")}
          </Button>
          <Button size="xs" variant="default" onClick={() => editing.resolve(part, theirs)}>
            {t("studio.clash.takeTheirs")}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}

/** A part as lines. */
function linesOf(part: Key, value: Value): string[] {
  switch (kindOf(part)) {
    case "examples":
      return value as string[];
    case "replies": {
      const { label, replies } = value as Said;
      return [...(label ? [label] : []), ...replies];
    }
    case "meaning": {
      const { means, buttons } = value as Meaning;
      return [means, ...buttons];
    }
  }
}

/** What one side has made of it; of examples only what differs from before. */
function Version({ title, part, base, value }: { title: string; part: Key; base: Value; value: Value }) {
  const t = useTranslations();
  const [before, after] = [linesOf(part, base), linesOf(part, value)];
  const lines = [
    ...after.filter((line) => !before.includes(line)).map((line) => ["added", line] as const),
    ...before.filter((line) => !after.includes(line)).map((line) => ["removed", line] as const),
  ];
  return (
    <section className={classes.version} aria-label={title}>
      <Text size="xs" fw={650} mb={4}>
        {title}
      </Text>
      <ul className={classes.lines}>
        {lines.map(([change, line]) => (
          <li key={`${change}:${line}`} data-change={change}>
            <span aria-hidden>{change === "added" ? "+ " : "− "}</span>
            <bdi>{line}</bdi>
          </li>
        ))}
      </ul>
      {lines.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("studio.clash.order")}
        </Text>
      )}
    </section>
  );
}
