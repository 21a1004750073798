import { ActionIcon, Button, Group, Modal, Select, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { type FormEvent, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { addCanned, changeCanned } from "../api/canned";
import type { Canned as Reply } from "../api/client";
import { cannedQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { LANGUAGES } from "../shared/languages";
import { atLeast } from "../shared/roles";
import { useSave } from "../shared/useSave";
import { inserted, unknownIn } from "./variables";

/** Code points, as the server takes them. */
const LONGEST = 8_000;

/** Makes a canned reply, or changes `reply`. */
export function CannedForm({
  reply,
  languages,
  variables,
  onClose,
}: {
  reply: Reply | undefined;
  /** Those that the bot answers in. */
  languages: readonly string[];
  variables: readonly string[];
  onClose: () => void;
}) {
  const t = useTranslations();
  const formats = useFormats();
  const { me } = useSession();
  const [shortcut, setShortcut] = useState(reply?.shortcut ?? "");
  const [texts, setTexts] = useState<Record<string, string>>(reply?.texts ?? { [languages[0] ?? "en"]: "" });
  const [shared, setShared] = useState(reply?.shared ?? atLeast(me, "supervisor"));
  const fields = useRef(new Map<string, HTMLTextAreaElement>());
  const [last, setLast] = useState(Object.keys(texts)[0] ?? "en");
  const save = useSave([cannedQuery.queryKey], onClose);
  const codes = Object.keys(texts);
  const others = [...new Set([...languages, ...LANGUAGES])].filter((code) => !codes.includes(code));
  const unknown = [...new Set(codes.flatMap((code) => unknownIn(texts[code] ?? "", variables)))];

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(() =>
      reply
        ? changeCanned(reply.id, { version: reply.version, shortcut, texts })
        : addCanned({ shortcut, texts, shared }),
    );
  };
  const insert = (name: string): void => {
    const code = last in texts ? last : (codes[0] ?? "en");
    const field = fields.current.get(code);
    const text = texts[code] ?? "";
    const [next, caret] = inserted(
      text,
      field?.selectionStart ?? text.length,
      field?.selectionEnd ?? text.length,
      name,
    );
    setTexts({ ...texts, [code]: next });
    requestAnimationFrame(() => {
      field?.focus();
      field?.setSelectionRange(caret, caret);
    });
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={reply ? `/${reply.shortcut}` : t("canned.add")}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t("canned.shortcut")}
            description={t("canned.shortcutIs")}
            required
            maxLength={50}
            pattern="[\p{L}\p{N}_\-]+"
            leftSection="/"
            dir="ltr"
            data-autofocus
            value={shortcut}
            onChange={(event) => setShortcut(event.currentTarget.value)}
          />
          {codes.map((code) => (
            <Group key={code} align="flex-start" wrap="nowrap" gap={6}>
              <Textarea
                ref={(field) => {
                  if (field) {
                    fields.current.set(code, field);
                  } else {
                    fields.current.delete(code);
                  }
                }}
                label={t("canned.textIn", { language: formats.language(code) })}
                required
                autosize
                minRows={2}
                maxRows={8}
                maxLength={LONGEST}
                dir="auto"
                lang={code}
                flex={1}
                value={texts[code] ?? ""}
                onFocus={() => setLast(code)}
                onChange={(event) => setTexts({ ...texts, [code]: event.currentTarget.value })}
              />
              {codes.length > 1 && (
                <ActionIcon
                  variant="subtle"
                  color="red"
                  mt={26}
                  aria-label={t("canned.dropLanguage", { language: formats.language(code) })}
                  onClick={() => {
                    const { [code]: _, ...rest } = texts;
                    setTexts(rest);
                  }}
                >
                  <IconTrash size={18} />
                </ActionIcon>
              )}
            </Group>
          ))}
          <Group gap={6}>
            <Text size="xs" c="dimmed">
              {t("canned.variables")}
            </Text>
            {variables.map((name) => (
              <Button key={name} size="compact-xs" variant="default" ff="monospace" onClick={() => insert(name)}>
                {`{${name}}`}
              </Button>
            ))}
          </Group>
          {unknown.length > 0 && (
            <Text size="sm" c="var(--desk-warning)" role="status">
              {t("canned.unknown", { names: unknown.map((name) => `{${name}}`).join(", ") })}
            </Text>
          )}
          <Select
            label={t("canned.addLanguage")}
            searchable
            value={null}
            maw={280}
            onChange={(code) => {
              if (code) {
                setTexts({ ...texts, [code]: "" });
                setLast(code);
              }
            }}
            data={others.map((value) => ({ value, label: formats.language(value) }))}
            nothingFoundMessage={t("figures.noneFound")}
          />
          {!reply && atLeast(me, "supervisor") && (
            <Switch
              label={t("canned.share")}
              checked={shared}
              onChange={(event) => setShared(event.currentTarget.checked)}
            />
          )}
          <Button type="submit" loading={save.isPending}>
            {t("states.save")}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
