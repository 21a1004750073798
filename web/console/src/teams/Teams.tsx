// Teams and skills, and the agents who have them. Admins change them; everybody sees who is there and how busy.

import { Badge, Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { type Agent, api, type Skill, type Team } from "../api/client";
import { agentsQuery, skillsQuery, teamsQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { useReason } from "../inbox/names";
import { onEvent } from "../live/events";
import { Page } from "../shared/Page";
import { atLeast } from "../shared/roles";
import { EmptyState, ListSkeleton, Loaded } from "../shared/states";
import { useConfirm } from "../shared/useConfirm";
import { useSave } from "../shared/useSave";
import { WideTable } from "../shared/WideTable";
import { Agents } from "./Agents";
import { Edits } from "./Edits";
import { SkillForm } from "./SkillForm";
import { TeamForm } from "./TeamForm";

/** Milliseconds after a conversation changed in which others may, before the agents' loads are read again. */
const SOON = 1_000;

const MINUTE = 60;

/** Keeps the agents' loads up to date while they are looked at. */
function useLiveLoads(): void {
  const client = useQueryClient();
  useEffect(() => {
    let timer: number | undefined;
    const stop = onEvent((event) => {
      if (event.type === "changed") {
        timer ??= window.setTimeout(() => {
          timer = undefined;
          void client.invalidateQueries({ queryKey: agentsQuery.queryKey });
        }, SOON);
      }
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client]);
}

function Part({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {action}
      </Group>
      {children}
    </section>
  );
}

function Add({ label, add }: { label: string; add: () => void }) {
  return (
    <Button size="xs" variant="light" leftSection={<IconPlus size={14} />} onClick={add}>
      {label}
    </Button>
  );
}

export default function Teams() {
  const t = useTranslations();
  const { me } = useSession();
  const admin = atLeast(me, "admin");
  const agents = useQuery(agentsQuery);
  const teams = useQuery(teamsQuery);
  const skills = useQuery(skillsQuery);
  const [team, setTeam] = useState<Team | "new">();
  const [skill, setSkill] = useState<Skill | "new">();
  useLiveLoads();
  const intents = [...(teams.data?.items ?? []), ...(skills.data?.items ?? [])].flatMap((one) => one.intents);
  const people = agents.data?.items ?? [];
  return (
    <Page title={t("navigation.teams")}>
      <Part title={t("teams.agents")}>
        <Loaded query={agents} skeleton={<ListSkeleton rows={3} />}>
          {({ items }) => <Agents agents={items} teams={teams.data?.items ?? []} admin={admin} />}
        </Loaded>
      </Part>
      <Part title={t("teams.teams")} action={admin && <Add label={t("teams.add")} add={() => setTeam("new")} />}>
        <Loaded query={teams} skeleton={<ListSkeleton rows={2} />}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState icon={IconUsersGroup} title={t("moves.noTeams")}>
                {t("teams.noneMeans")}
              </EmptyState>
            ) : (
              <TeamTable teams={items} agents={people} edit={admin ? setTeam : undefined} />
            )
          }
        </Loaded>
      </Part>
      <Part title={t("teams.skills")} action={admin && <Add label={t("teams.addSkill")} add={() => setSkill("new")} />}>
        <Loaded query={skills} skeleton={<ListSkeleton rows={1} />}>
          {({ items }) =>
            items.length === 0 ? (
              <Text size="sm" c="dimmed">
                {t("teams.noSkills")}
              </Text>
            ) : (
              <SkillTable skills={items} edit={admin ? setSkill : undefined} />
            )
          }
        </Loaded>
      </Part>
      {team && (
        <TeamForm
          team={team === "new" ? undefined : team}
          agents={people}
          intents={intents}
          onClose={() => setTeam(undefined)}
        />
      )}
      {skill && (
        <SkillForm skill={skill === "new" ? undefined : skill} known={intents} onClose={() => setSkill(undefined)} />
      )}
    </Page>
  );
}

/** Which calls something is for. */
function Calls({
  of,
}: {
  of: { languages?: readonly string[]; reasons: readonly string[]; intents: readonly string[] };
}) {
  const formats = useFormats();
  const reasonOf = useReason();
  const parts = [...(of.languages ?? []).map(formats.language), ...of.reasons.map(reasonOf), ...of.intents];
  return parts.length === 0 ? (
    "–"
  ) : (
    <Group gap={5}>
      {parts.map((part) => (
        <Badge key={part} size="sm" variant="light" color="gray" tt="none" fw={600}>
          <bdi>{part}</bdi>
        </Badge>
      ))}
    </Group>
  );
}

function TeamTable({
  teams,
  agents,
  edit,
}: {
  teams: readonly Team[];
  agents: readonly Agent[];
  edit: ((team: Team) => void) | undefined;
}) {
  const t = useTranslations();
  const formats = useFormats();
  const confirm = useConfirm();
  const save = useSave([teamsQuery.queryKey, agentsQuery.queryKey]);
  const target = (seconds: number | null): string => {
    if (seconds === null) {
      return t("teams.asSet");
    }
    if (seconds < MINUTE) {
      return seconds === 0 ? "–" : formats.elapsed(0, seconds * 1_000);
    }
    return formats.minutes(seconds / MINUTE);
  };
  return (
    <WideTable label={t("teams.teams")} minWidth={860}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("signIn.name")}</Table.Th>
          <Table.Th>{t("teams.members")}</Table.Th>
          <Table.Th>{t("teams.takes")}</Table.Th>
          <Table.Th>{t("teams.targets")}</Table.Th>
          {edit && <Table.Td />}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {teams.map((team) => (
          <Table.Tr key={team.id}>
            <Table.Td>
              <Stack gap={4} align="flex-start">
                <Text size="sm" fw={600}>
                  <bdi>{team.name}</bdi>
                </Text>
                {team.default && (
                  <Badge size="sm" variant="light" tt="none" miw="max-content">
                    {t("teams.isDefault")}
                  </Badge>
                )}
              </Stack>
            </Table.Td>
            <Table.Td>
              <bdi>
                {formats.list(team.members.map((id) => agents.find((agent) => agent.id === id)?.name ?? id)) || "–"}
              </bdi>
            </Table.Td>
            <Table.Td>
              <Calls of={team} />
            </Table.Td>
            <Table.Td>
              {t("teams.target", { answer: target(team.first_answer), end: target(team.resolution) })}
            </Table.Td>
            {edit && (
              <Table.Td>
                <Edits
                  name={team.name}
                  edit={() => edit(team)}
                  remove={() =>
                    confirm(t("teams.remove"), t("teams.removeWhy", { name: team.name }), () =>
                      save.mutate(() => api.removeTeam(team.id)),
                    )
                  }
                />
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function SkillTable({ skills, edit }: { skills: readonly Skill[]; edit: ((skill: Skill) => void) | undefined }) {
  const t = useTranslations();
  const confirm = useConfirm();
  const save = useSave([skillsQuery.queryKey]);
  return (
    <WideTable label={t("teams.skills")} minWidth={480}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("signIn.name")}</Table.Th>
          <Table.Th>{t("teams.asks")}</Table.Th>
          {edit && <Table.Td />}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {skills.map((skill) => (
          <Table.Tr key={skill.name}>
            <Table.Td fw={600}>
              <bdi>{skill.name}</bdi>
            </Table.Td>
            <Table.Td>
              <Calls of={skill} />
            </Table.Td>
            {edit && (
              <Table.Td>
                <Edits
                  name={skill.name}
                  edit={() => edit(skill)}
                  remove={() =>
                    confirm(t("teams.removeSkill"), t("teams.removeSkillWhy", { name: skill.name }), () =>
                      save.mutate(() => api.removeSkill(skill.name)),
                    )
                  }
                />
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
