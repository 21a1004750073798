import { Button, Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api, type Skill } from "../api/client";
import { skillsQuery } from "../api/queries";
import { useSave } from "../shared/useSave";
import { IntentsField, ReasonsField } from "./fields";

/** Makes a skill, or changes what asks for `skill`. */
export function SkillForm({
  skill,
  known,
  onClose,
}: {
  skill: Skill | undefined;
  known: readonly string[];
  onClose: () => void;
}) {
  const t = useTranslations();
  const [name, setName] = useState("");
  const [intents, setIntents] = useState(skill?.intents ?? []);
  const [reasons, setReasons] = useState(skill?.reasons ?? []);
  const save = useSave([skillsQuery.queryKey], onClose);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(() =>
      skill ? api.changeSkill(skill.name, { intents, reasons }) : api.addSkill({ name, intents, reasons }),
    );
  };
  return (
    <Modal opened onClose={onClose} title={skill?.name ?? t("teams.addSkill")}>
      <form onSubmit={submit}>
        <Stack>
          {!skill && (
            <TextInput
              label={t("signIn.name")}
              required
              maxLength={100}
              pattern="[^\/]+"
              title={t("teams.skillName")}
              dir="auto"
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          )}
          <IntentsField value={intents} onChange={setIntents} known={known} />
          <ReasonsField value={reasons} onChange={setReasons} />
          <Button type="submit" loading={save.isPending}>
            {t("states.save")}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
