import { Alert, Badge, Button, Group, Kbd, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconArrowBackUp, IconChevronLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { useShortcut } from "../keys/Shortcuts";
import { TextLink } from "../shared/links";
import { useConfirm } from "../shared/useConfirm";
import { Bench } from "./Bench";
import { Clashes } from "./Clashes";
import type { Intent } from "./calls";
import type { Key, Said } from "./draft";
import classes from "./Editor.module.css";
import { Examples } from "./Examples";
import { FromReview } from "./FromReview";
import { IntentMenu } from "./IntentMenu";
import { Languages } from "./Languages";
import { Leaving } from "./Leaving";
import { MeaningPart } from "./MeaningPart";
import { intentsQuery } from "./queries";
import { Replies } from "./Replies";
import { type Editing, useIntentDraft } from "./useIntentDraft";

export function Editor({ intent }: { intent: Intent }) {
  const t = useTranslations();
  const editing = useIntentDraft(intent);
  const navigate = useNavigate();
  const { language, example } = useSearch({ from: "/pages/studio/intents/$name" });
  const { data: all } = useQuery(intentsQuery);
  const summary = all?.items.find((one) => one.name === intent.name);
  const bench = useRef<HTMLTextAreaElement>(null);
  const notices = useRef<HTMLDivElement>(null);
  const see = (): void => notices.current?.scrollIntoView({ block: "center" });
  const codes = languagesOf(intent, editing);
  const first = all?.default_language ?? codes[0] ?? "en";
  const code = language ?? first;
  const choose = (chosen: string): void =>
    void navigate({
      to: "/studio/intents/$name",
      params: { name: intent.name },
      search: { language: chosen },
      replace: true,
      ignoreBlocker: true,
    });
  const turn = (by: number): void => {
    const at = codes.indexOf(code);
    choose(codes[(at + by + codes.length) % codes.length] ?? code);
  };
  useDocumentTitle(`${intent.name} · Babeldesk`);
  useShortcut("saveIntent", () => void editing.save());
  useShortcut("undoEdit", editing.undo);
  useShortcut("nextLanguage", () => turn(1));
  useShortcut("previousLanguage", () => turn(-1));
  useShortcut("tryOut", () => bench.current?.focus());
  useSaveKey(editing);
  const { saving } = editing;
  const told = editing.clashes.length + Object.keys(editing.refused).length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what comes of saving is brought into view
  useEffect(() => {
    if (!saving && told) {
      see();
    }
  }, [saving]);

  return (
    <div className={classes.editor}>
      <Leaving when={editing.dirty} />
      <Head
        see={see}
        intent={intent}
        editing={editing}
        answeredBy={summary?.answered_by}
        accuracy={summary?.accuracy}
      />
      <div className={classes.main}>
        <Stack gap="xl" pb="xl">
          <div ref={notices} className={classes.notices}>
            <Clashes intent={intent} editing={editing} />
            <Refusals editing={editing} />
          </div>
          <MeaningPart intent={intent} editing={editing} />
          <Stack gap="md">
            <Languages codes={codes} code={code} intent={intent} editing={editing} choose={choose} />
            <div role="tabpanel" id="studio-language" aria-labelledby={`studio-tab-${code}`} key={code}>
              <Stack gap="xl">
                <FromReview intent={intent} editing={editing} />
                <Replies
                  said={editing.value(`replies:${code}`) as Said}
                  set={(said) => editing.set(`replies:${code}`, said)}
                  language={code}
                  answered={intent.answered}
                />
                <Examples
                  examples={editing.value(`examples:${code}`) as string[]}
                  known={(editing.draft[`examples:${code}`]?.base as string[] | undefined) ?? undefined}
                  set={(examples) => editing.set(`examples:${code}`, examples)}
                  entities={intent.entities}
                  language={code}
                  pointedOut={language === code ? example : undefined}
                />
              </Stack>
            </div>
          </Stack>
        </Stack>
        <aside className={classes.aside} aria-label={t("studio.bench.title")}>
          <Bench field={bench} dirty={editing.dirty} />
        </aside>
      </div>
    </div>
  );
}

/** The languages that the pack knows, and those that were begun here; the ones with something in them first. */
function languagesOf(intent: Intent, editing: Editing): string[] {
  const codes = new Set([
    ...intent.replies.map(({ language }) => language),
    ...intent.examples.map(({ language }) => language),
    ...Object.keys(editing.draft).flatMap((key) => key.split(":")[1] ?? []),
  ]);
  return [...codes];
}

/** Ctrl+S or ⌘S saves, in a field too. */
function useSaveKey({ save }: Editing): void {
  const latest = useRef(save);
  latest.current = save;
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
        event.preventDefault();
        // What is being typed in a row becomes a part of the intent when the row is left.
        if (document.activeElement instanceof HTMLElement && document.activeElement.closest("[data-row]")) {
          document.activeElement.blur();
        }
        setTimeout(() => void latest.current());
      }
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}

interface HeadProps {
  /** Shows what stands in the way of saving. */
  see: () => void;
  intent: Intent;
  editing: Editing;
  answeredBy: "reply" | "flow" | "human" | "bot" | undefined;
  accuracy: { n: number; accuracy: number } | null | undefined;
}

function Head({ see, intent, editing, answeredBy, accuracy }: HeadProps) {
  const t = useTranslations();
  const formats = useFormats();
  const confirm = useConfirm();
  const count = Object.keys(editing.draft).length;
  return (
    <header className={classes.head}>
      <div className={classes.name}>
        <TextLink to="/studio" size="xs" c="dimmed" className={classes.back ?? ""}>
          <IconChevronLeft size={13} className={classes.mirrored} /> {t("studio.parts.intents")}
        </TextLink>
        <Group gap="xs">
          <Title order={1} size="h3" dir="auto" className={classes.title ?? ""}>
            {intent.name}
          </Title>
          {answeredBy && (
            <Badge variant="light" color="gray" tt="none" fw={550}>
              {intent.flow ? t("studio.intent.flow", { flow: intent.flow }) : t(`studio.answeredBy.${answeredBy}`)}
            </Badge>
          )}
          {accuracy && (
            <Badge
              variant="light"
              color={accuracy.accuracy < 0.8 ? "orange" : "green"}
              tt="none"
              fw={550}
              visibleFrom="sm"
            >
              {t("studio.training.right", { share: formats.percent(accuracy.accuracy) })}
            </Badge>
          )}
        </Group>
      </div>
      <Group gap="xs">
        {editing.clashes.length > 0 && (
          <Button size="xs" variant="light" color="orange" onClick={see}>
            {t("studio.clash.see")}
          </Button>
        )}
        {count > 0 && (
          <Text size="xs" c="var(--desk-warning)" role="status" visibleFrom="md">
            {t("studio.intent.changes", { count })}
          </Text>
        )}
        <Button
          size="xs"
          variant="default"
          disabled={!editing.undoable}
          leftSection={<IconArrowBackUp size={15} />}
          onClick={editing.undo}
        >
          {t("studio.undo")}
        </Button>
        {editing.dirty && (
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            onClick={() => confirm(t("studio.intent.discard"), t("studio.intent.discardWhy"), editing.discard)}
            visibleFrom="sm"
          >
            {t("studio.intent.discard")}
          </Button>
        )}
        <Button
          size="xs"
          disabled={!editing.dirty}
          loading={editing.saving}
          onClick={() => void editing.save()}
          rightSection={<Kbd size="xs">s</Kbd>}
        >
          {t("states.save")}
        </Button>
        <IntentMenu intent={intent} dirty={editing.dirty} discard={editing.discard} />
      </Group>
    </header>
  );
}

/** What the server would not take, with everything that stands against it. */
function Refusals({ editing }: { editing: Editing }) {
  const t = useTranslations();
  const formats = useFormats();
  return Object.entries(editing.refused).map(([key, { message, findings }]) => {
    const [kind, language] = key.split(":") as [Key & ("meaning" | "examples" | "replies"), string | undefined];
    return (
      <Alert
        key={key}
        color="red"
        role="alert"
        title={t("studio.refused", {
          part: `${t(`studio.kinds.${kind}`)}${language ? ` · ${formats.language(language)}` : ""}`,
        })}
      >
        {findings.length > 0 ? (
          <ul className={classes.findings}>
            {findings.map((one) => (
              <li key={`${one.file}:${one.line}:${one.reason}`}>
                <bdi>
                  {one.file}
                  {one.line > 0 && `:${one.line}`}
                </bdi>{" "}
                – <bdi>{one.reason}</bdi>
              </li>
            ))}
          </ul>
        ) : (
          message
        )}
      </Alert>
    );
  });
}
