// Renames or takes out an intent, and says before what speaks of it.

import { ActionIcon, Alert, Button, Group, Loader, Menu, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconDots, IconPencil, IconTrash, IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { useMessageOf } from "../shared/complain";
import { useConfirm } from "../shared/useConfirm";
import { type Intent, studio, type Uses } from "./calls";
import { usesQuery } from "./queries";

/** What the server takes for a name. */
export const NAME = /^[a-z][a-z0-9_]*$/;

interface Parts {
  intent: Intent;
  dirty: boolean;
  discard: () => void;
}

export function IntentMenu(parts: Parts) {
  const t = useTranslations();
  const confirm = useConfirm();
  const [dialog, setDialog] = useState<"rename" | "remove">();
  const close = (): void => setDialog(undefined);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={t("studio.intent.more")}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setDialog("rename")}>
            {t("studio.rename.title")}
          </Menu.Item>
          {parts.dirty && (
            <Menu.Item
              leftSection={<IconX size={15} />}
              onClick={() => confirm(t("studio.intent.discard"), t("studio.intent.discardWhy"), parts.discard)}
              hiddenFrom="sm"
            >
              {t("studio.intent.discard")}
            </Menu.Item>
          )}
          <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={() => setDialog("remove")}>
            {t("studio.remove.title")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={dialog !== undefined}
        onClose={close}
        title={dialog === "remove" ? t("studio.remove.title") : t("studio.rename.title")}
      >
        {dialog === "remove" && <Remove {...parts} close={close} />}
        {dialog === "rename" && <Rename {...parts} close={close} />}
      </Modal>
    </>
  );
}

/** Everything that names the intent, a line each. */
function Speaks({ uses }: { uses: Uses }) {
  const t = useTranslations();
  const formats = useFormats();
  const examples = Object.values(uses.examples).reduce((sum, count) => sum + count, 0);
  const lines = [
    examples > 0 &&
      t("studio.uses.examples", { count: examples, languages: formats.number(Object.keys(uses.examples).length) }),
    uses.replies.length > 0 &&
      t("studio.uses.replies", { languages: formats.list(uses.replies.map(formats.language)) }),
    uses.offered_by.length > 0 && t("studio.uses.buttons", { intents: formats.list(uses.offered_by) }),
    uses.flow && t("studio.uses.flow", { flow: uses.flow }),
    uses.sensitive && t("studio.uses.sensitive"),
    uses.tests > 0 && t("studio.uses.tests", { count: uses.tests }),
    uses.verdicts > 0 && t("studio.uses.verdicts", { count: uses.verdicts }),
  ].filter((line): line is string => typeof line === "string");
  return (
    <>
      <ul style={{ margin: 0, paddingInlineStart: 18 }}>
        {lines.map((line) => (
          <li key={line}>
            <Text size="sm">{line}</Text>
          </li>
        ))}
      </ul>
      {uses.skills.length > 0 && (
        <Alert color="orange" p="xs">
          {t("studio.uses.skills", { skills: formats.list(uses.skills) })}
        </Alert>
      )}
    </>
  );
}

function Remove({ intent, discard, close }: Parts & { close: () => void }) {
  const t = useTranslations();
  const client = useQueryClient();
  const navigate = useNavigate();
  const messageOf = useMessageOf();
  const uses = useQuery(usesQuery(intent.name));
  const remove = useMutation({
    mutationFn: () => studio.remove(intent.name, intent.etag),
    onSuccess: async () => {
      discard();
      await navigate({ to: "/studio", ignoreBlocker: true });
      client.removeQueries({ queryKey: ["studio", "intent", intent.name] });
      void client.invalidateQueries({ queryKey: ["studio"] });
    },
  });
  // The server would refuse it.
  const needed = intent.needed
    ? t("studio.remove.needed")
    : intent.flow
      ? t("studio.remove.flow", { flow: intent.flow })
      : undefined;
  return (
    <Stack>
      <Text size="sm">{t("studio.remove.goes")}</Text>
      {uses.data ? <Speaks uses={uses.data} /> : <Loader size="sm" />}
      {(needed ?? (remove.error && messageOf(remove.error))) && (
        <Alert color="red" role="alert">
          {needed ?? messageOf(remove.error)}
        </Alert>
      )}
      <Text size="xs" c="dimmed">
        {t("studio.remove.undo")}
      </Text>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close}>
          {t("states.cancel")}
        </Button>
        <Button
          color="red"
          disabled={needed !== undefined || !uses.data}
          loading={remove.isPending}
          onClick={() => remove.mutate()}
        >
          {t("studio.remove.title")}
        </Button>
      </Group>
    </Stack>
  );
}

function Rename({ intent, dirty, close }: Parts & { close: () => void }) {
  const t = useTranslations();
  const client = useQueryClient();
  const navigate = useNavigate();
  const messageOf = useMessageOf();
  const uses = useQuery(usesQuery(intent.name));
  const [name, setName] = useState(intent.name);
  const rename = useMutation({
    mutationFn: () => studio.rename(intent.name, name),
    onSuccess: async () => {
      close();
      await navigate({ to: "/studio/intents/$name", params: { name } });
      client.removeQueries({ queryKey: ["studio", "intent", intent.name] });
      void client.invalidateQueries({ queryKey: ["studio"] });
    },
  });
  const wrong = NAME.test(name) ? undefined : t("review.nameIs");
  const stays = intent.needed ? t("studio.remove.needed") : dirty ? t("studio.rename.saveFirst") : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!wrong && !stays && name !== intent.name) {
      rename.mutate();
    }
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t("review.name")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={wrong ?? (rename.error && messageOf(rename.error))}
          maxLength={100}
          spellCheck={false}
          autoComplete="off"
          dir="ltr"
          data-autofocus
        />
        <Text size="sm">{t("studio.rename.goes")}</Text>
        {uses.data ? <Speaks uses={uses.data} /> : <Loader size="sm" />}
        {stays && (
          <Alert color="red" role="alert">
            {stays}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {t("states.cancel")}
          </Button>
          <Button
            type="submit"
            disabled={wrong !== undefined || stays !== undefined || name === intent.name}
            loading={rename.isPending}
          >
            {t("studio.rename.title")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
