import { Button, Modal, MultiSelect, Stack, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { type Agent, api, type Team } from "../api/client";
import { agentsQuery, teamsQuery } from "../api/queries";
import { useSave } from "../shared/useSave";
import { CountField, IntentsField, LanguagesField, ReasonsField } from "./fields";

const EMPTY: Omit<Team, "id"> = {
  name: "",
  members: [],
  intents: [],
  reasons: [],
  languages: [],
  default: false,
  first_answer: null,
  resolution: null,
};

const MINUTE = 60;
const minutes = (seconds: number | null): number | null => (seconds === null ? null : seconds / MINUTE);
const seconds = (minutes: number | null): number | null => (minutes === null ? null : Math.round(minutes * MINUTE));

/** Makes a team, or changes `team`. */
export function TeamForm({
  team,
  agents,
  intents,
  onClose,
}: {
  team: Team | undefined;
  agents: readonly Agent[];
  intents: readonly string[];
  onClose: () => void;
}) {
  const t = useTranslations();
  const [form, setForm] = useState<Omit<Team, "id">>(() => {
    if (!team) {
      return EMPTY;
    }
    const { id: _, ...rest } = team;
    return rest;
  });
  const set =
    <K extends keyof typeof form>(key: K) =>
    (value: (typeof form)[K]): void =>
      setForm((known) => ({ ...known, [key]: value }));
  const save = useSave([teamsQuery.queryKey, agentsQuery.queryKey], onClose);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(() => (team ? api.changeTeam(team.id, form) : api.addTeam(form)));
  };
  return (
    <Modal opened onClose={onClose} title={team?.name ?? t("teams.add")}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t("signIn.name")}
            required
            maxLength={100}
            dir="auto"
            value={form.name}
            data-autofocus
            onChange={(event) => set("name")(event.currentTarget.value)}
          />
          <MultiSelect
            label={t("teams.members")}
            searchable
            value={form.members}
            onChange={set("members")}
            data={agents
              .filter((agent) => agent.answers || form.members.includes(agent.id))
              .map((agent) => ({ value: agent.id, label: agent.name }))}
          />
          <LanguagesField value={form.languages} onChange={set("languages")} />
          <ReasonsField value={form.reasons} onChange={set("reasons")} />
          <IntentsField value={form.intents} onChange={set("intents")} known={intents} />
          <Switch
            label={t("teams.default")}
            description={t("teams.defaultWhy")}
            checked={form.default}
            onChange={(event) => set("default")(event.currentTarget.checked)}
          />
          <CountField
            label={t("teams.firstAnswer")}
            value={minutes(form.first_answer)}
            onChange={(value) => set("first_answer")(seconds(value))}
          />
          <CountField
            label={t("teams.resolution")}
            value={minutes(form.resolution)}
            onChange={(value) => set("resolution")(seconds(value))}
          />
          <Button type="submit" loading={save.isPending}>
            {t("states.save")}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
