// Who answers customers: whether they are there, what they can do, and how much they have.

import { Group, Menu, Table, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import type { Agent, PresenceState, Team } from "../api/client";
import { setPresenceOf } from "../api/people";
import { agentsQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { useNow } from "../shared/clock";
import { Face } from "../shared/Face";
import { PresenceDot } from "../shared/PresenceDot";
import { atLeast } from "../shared/roles";
import { useSave } from "../shared/useSave";
import { WideTable } from "../shared/WideTable";
import { AgentForm } from "./AgentForm";
import { Edits } from "./Edits";

/** Whether an agent is there; supervisors set it too, for who has forgotten to. */
function Presence({ agent }: { agent: Agent }) {
  const t = useTranslations();
  const { me } = useSession();
  const save = useSave([agentsQuery.queryKey]);
  if (!atLeast(me, "supervisor") || me.id === agent.id) {
    return <Standing agent={agent} />;
  }
  return (
    <Menu withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <UnstyledButton>
          <Group gap={4} wrap="nowrap">
            <Standing agent={agent} />
            <IconChevronDown size={14} aria-hidden />
            <VisuallyHidden>{t("teams.setPresence", { name: agent.name })}</VisuallyHidden>
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup
          value={agent.presence.chosen}
          onChange={(state) => save.mutate(() => setPresenceOf(agent.id, state as PresenceState))}
        >
          {(["online", "away", "offline"] as const).map((state) => (
            <Menu.RadioItem key={state} value={state} rightSection={<PresenceDot state={state} />}>
              {t(`presence.${state}`)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}

function Standing({ agent }: { agent: Agent }) {
  const t = useTranslations();
  const formats = useFormats();
  const now = useNow(5_000);
  const { state, since } = agent.presence;
  return (
    <Group gap={6} wrap="nowrap">
      <PresenceDot state={state} />
      <Text size="sm">{t(`presence.${state}`)}</Text>
      {since && (
        <Text size="xs" c="dimmed">
          {formats.elapsed(Date.parse(since), now)}
        </Text>
      )}
    </Group>
  );
}

export function Agents({ agents, teams, admin }: { agents: readonly Agent[]; teams: readonly Team[]; admin: boolean }) {
  const t = useTranslations();
  const formats = useFormats();
  const [editing, setEditing] = useState<Agent>();
  const teamOf = (id: string): string => teams.find((team) => team.id === id)?.name ?? "";
  return (
    <>
      <WideTable label={t("teams.agents")} minWidth={860}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("signIn.name")}</Table.Th>
            <Table.Th>{t("teams.presence")}</Table.Th>
            <Table.Th>{t("teams.languages")}</Table.Th>
            <Table.Th>{t("teams.skills")}</Table.Th>
            <Table.Th ta="end">{t("teams.conversations")}</Table.Th>
            <Table.Th ta="end">{t("teams.offers")}</Table.Th>
            <Table.Th ta="end">{t("teams.snoozed")}</Table.Th>
            <Table.Th ta="end">{t("teams.room")}</Table.Th>
            {admin && <Table.Td />}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {agents
            .filter((agent) => agent.answers)
            .map((agent) => (
              <Table.Tr key={agent.id} data-agent={agent.id}>
                <Table.Td>
                  <Group gap="sm" wrap="nowrap">
                    <Face name={agent.name} size={32} />
                    <div>
                      <Text size="sm" fw={600}>
                        <bdi>{agent.name}</bdi>
                      </Text>
                      <Text size="xs" c="dimmed">
                        <bdi>{formats.list(agent.teams.map(teamOf))}</bdi>
                      </Text>
                    </div>
                  </Group>
                </Table.Td>
                <Table.Td>
                  <Presence agent={agent} />
                </Table.Td>
                <Table.Td>{formats.list(agent.languages.map(formats.language)) || "–"}</Table.Td>
                <Table.Td>
                  <bdi>{formats.list(agent.skills) || "–"}</bdi>
                </Table.Td>
                {[agent.conversations, agent.offers, agent.snoozed, agent.room].map((count, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
                  <Table.Td key={at} ta="end">
                    {formats.number(count)}
                  </Table.Td>
                ))}
                {admin && (
                  <Table.Td>
                    <Edits name={agent.name} edit={() => setEditing(agent)} />
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
        </Table.Tbody>
      </WideTable>
      {editing && <AgentForm agent={editing} onClose={() => setEditing(undefined)} />}
    </>
  );
}
