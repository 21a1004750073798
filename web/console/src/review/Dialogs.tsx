// Which intent it is: one that there is, found by its name, or a new one.

import { Button, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import type { Decide, Doubt, DoubtGroup } from "../api/client";
import { useFormats } from "../i18n/formats";

/** What the server takes for a name. */
const NAME = /^[a-z][a-z0-9_]*$/;

interface Asked {
  group: DoubtGroup;
  message: Doubt | undefined;
  intents: readonly string[];
  onClose: () => void;
  decide: (verdict: Decide["verdict"], intent?: string) => void;
}

export function Dialogs({ which, ...asked }: Asked & { which: "choose" | "new" }) {
  const t = useTranslations();
  const { group, message, onClose } = asked;
  return (
    <Modal opened onClose={onClose} title={which === "new" ? t("review.newIntent") : t("review.otherIntent")}>
      <Stack>
        <Text size="sm" c="dimmed">
          {message ? t("review.ofOne") : t("review.messages", { count: group.count })}
        </Text>
        <Text size="sm" dir="auto" fs="italic">
          {message?.text ?? group.new_intent.example}
        </Text>
        {which === "new" ? <NewIntent {...asked} /> : <OtherIntent {...asked} />}
      </Stack>
    </Modal>
  );
}

function OtherIntent({ intents, onClose, decide }: Asked) {
  const t = useTranslations();
  return (
    <Select
      label={t("review.intent")}
      data={[...intents]}
      searchable
      comboboxProps={{ withinPortal: false }}
      data-autofocus
      defaultDropdownOpened
      autoSelectOnBlur={false}
      selectFirstOptionOnChange
      maxDropdownHeight={240}
      limit={200}
      nothingFoundMessage={t("figures.noneFound")}
      onOptionSubmit={(intent) => {
        onClose();
        decide("intent", intent);
      }}
    />
  );
}

function NewIntent({ group, intents, onClose, decide }: Asked) {
  const t = useTranslations();
  const formats = useFormats();
  const [name, setName] = useState(group.new_intent.name ?? "");
  const [tried, setTried] = useState(false);
  const problem = !NAME.test(name)
    ? t("review.nameIs")
    : intents.includes(name)
      ? t("review.nameTaken", { name })
      : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (!problem) {
      onClose();
      decide("new_intent", name);
    }
  };
  const { words } = group.new_intent;
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={t("review.name")}
          description={words.length > 0 ? `${t("review.words")} ${formats.list(words)}` : undefined}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={tried && problem}
          maxLength={100}
          spellCheck={false}
          autoComplete="off"
          dir="ltr"
          data-autofocus
          required
        />
        <Button type="submit">{t("review.make")}</Button>
      </Stack>
    </form>
  );
}
