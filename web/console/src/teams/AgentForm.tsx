import { Button, Modal, MultiSelect, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { type Agent, api } from "../api/client";
import { agentsQuery, skillsQuery } from "../api/queries";
import { useSave } from "../shared/useSave";
import { CountField, LanguagesField } from "./fields";

const MOST = 100;

/** What an agent can do, and how many conversations they may have at once. */
export function AgentForm({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const t = useTranslations();
  const { data: skills } = useQuery(skillsQuery);
  const [languages, setLanguages] = useState(agent.languages);
  const [has, setHas] = useState(agent.skills);
  const [capacity, setCapacity] = useState(agent.capacity);
  const save = useSave([agentsQuery.queryKey], onClose);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(() => api.describeAgent(agent.id, { languages, skills: has, capacity }));
  };
  return (
    <Modal opened onClose={onClose} title={agent.name}>
      <form onSubmit={submit}>
        <Stack>
          <LanguagesField value={languages} onChange={setLanguages} />
          <MultiSelect
            label={t("teams.skills")}
            searchable
            value={has}
            onChange={setHas}
            data={[...new Set([...(skills?.items.map((skill) => skill.name) ?? []), ...has])]}
          />
          <CountField label={t("teams.capacity")} value={capacity} onChange={setCapacity} max={MOST} />
          <Button type="submit" loading={save.isPending}>
            {t("states.save")}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
