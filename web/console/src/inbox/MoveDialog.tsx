// To whom, to which team or until when a conversation is to go.

import { Button, Group, Modal, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconUsersGroup } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import { type Agent, api, type Conversation } from "../api/client";
import { agentsQuery, teamsQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { Face } from "../shared/Face";
import { PresenceDot } from "../shared/PresenceDot";
import { EmptyState, ListSkeleton, Loaded } from "../shared/states";
import classes from "./MoveDialog.module.css";
import type { Move } from "./Moves";
import { localInput, untilOf } from "./snooze";
import type { Act } from "./useAct";

const PRESENT = ["online", "away", "offline"];

/** Who is there and has the most room comes first. */
function byPresence(a: Agent, b: Agent): number {
  return PRESENT.indexOf(a.presence.state) - PRESENT.indexOf(b.presence.state) || b.room - a.room;
}

export default function MoveDialog({
  move,
  conversation,
  run,
  onClose,
}: {
  move: Move;
  conversation: Conversation;
  run: (act: Act) => void;
  onClose: () => void;
}) {
  const t = useTranslations();
  const done = (act: Act): void => {
    run(act);
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={t(`moves.${move}`)}>
      {move === "assign" && (
        <Agents without={conversation.agent?.id} choose={(agent) => done((id) => api.assign(id, agent))} />
      )}
      {move === "transfer" && <Teams choose={(team) => done((id) => api.transfer(id, team))} />}
      {move === "snooze" && <When choose={(until) => done((id) => api.snooze(id, until))} />}
    </Modal>
  );
}

function Choice({ choose, children }: { choose: () => void; children: ReactNode }) {
  return (
    <li>
      <UnstyledButton className={classes.choice} onClick={choose}>
        {children}
      </UnstyledButton>
    </li>
  );
}

function Agents({ without, choose }: { without: string | undefined; choose: (id: string) => void }) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <Loaded query={useQuery(agentsQuery)} skeleton={<ListSkeleton rows={3} />}>
      {({ items }) => (
        <ul className={classes.choices}>
          {items
            .filter((agent) => agent.answers && agent.id !== without)
            .toSorted(byPresence)
            .map((agent) => (
              <Choice key={agent.id} choose={() => choose(agent.id)}>
                <Face name={agent.name} size={32} />
                <div className={classes.words}>
                  <Text size="sm" fw={600} truncate>
                    <bdi>{agent.name}</bdi>
                  </Text>
                  <Text size="xs" c="dimmed">
                    {[
                      t("moves.load", { count: agent.conversations, room: agent.room }),
                      ...agent.languages.map(formats.language),
                    ].join(" · ")}
                  </Text>
                </div>
                <Group gap={6} wrap="nowrap">
                  <PresenceDot state={agent.presence.state} />
                  <Text size="xs">{t(`presence.${agent.presence.state}`)}</Text>
                </Group>
              </Choice>
            ))}
        </ul>
      )}
    </Loaded>
  );
}

function Teams({ choose }: { choose: (id: string) => void }) {
  const t = useTranslations();
  return (
    <Loaded query={useQuery(teamsQuery)} skeleton={<ListSkeleton rows={3} />}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState icon={IconUsersGroup} title={t("moves.noTeams")} />
        ) : (
          <ul className={classes.choices}>
            {items.map((team) => (
              <Choice key={team.id} choose={() => choose(team.id)}>
                <IconUsersGroup size={20} />
                <Text size="sm" fw={600} className={classes.words ?? ""} truncate>
                  <bdi>{team.name}</bdi>
                </Text>
                <Text size="xs" c="dimmed">
                  {t("moves.members", { count: team.members.length })}
                </Text>
              </Choice>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function When({ choose }: { choose: (until: string) => void }) {
  const t = useTranslations();
  const [earliest] = useState(() => localInput(new Date()));
  const [until, setUntil] = useState(() => localInput(untilOf("tomorrow", new Date())));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    choose(new Date(until).toISOString());
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          type="datetime-local"
          label={t("moves.until")}
          value={until}
          min={earliest}
          required
          data-autofocus
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        <Button type="submit">{t("moves.snooze")}</Button>
      </Stack>
    </form>
  );
}
