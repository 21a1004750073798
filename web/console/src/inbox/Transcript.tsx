// The conversation to be taken away, and what the customer has said of it.

import { Anchor, Checkbox, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { type Conversation, transcriptUrl } from "../api/client";
import { ratingsQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { Fact } from "./Fact";

export function Transcript({ id }: { id: string }) {
  const t = useTranslations();
  const [notes, setNotes] = useState(false);
  return (
    <Fact label={t("inbox.transcript")}>
      <Group gap="sm">
        <Anchor size="sm" href={transcriptUrl(id, "text", notes)} download>
          {t("inbox.asText")}
        </Anchor>
        <Anchor size="sm" href={transcriptUrl(id, "json", notes)} download>
          JSON
        </Anchor>
        <Checkbox
          size="xs"
          label={t("inbox.withNotes")}
          checked={notes}
          onChange={(event) => setNotes(event.currentTarget.checked)}
        />
      </Group>
    </Fact>
  );
}

/** The best that there is. */
const BEST = 5;

export function Ratings({ conversation }: { conversation: Conversation }) {
  const t = useTranslations();
  const formats = useFormats();
  // They are given after an agent has closed it.
  const when = conversation.owner === "closed" ? conversation.updated_at : conversation.owner;
  const { data = [] } = useQuery(ratingsQuery(conversation.id, when));
  const given = data.filter(({ score }) => score !== null);
  if (given.length === 0) {
    return null;
  }
  return (
    <Fact label={t("inbox.rating")}>
      {given.map(({ score, comment, agent_name, asked_at }) => (
        <div key={asked_at}>
          <Text span inherit fw={650}>
            {t("inbox.score", { score: score ?? 0, best: BEST })}
          </Text>{" "}
          <Text span size="xs" c="dimmed">
            <bdi>{agent_name}</bdi> · {formats.dateTime(asked_at)}
          </Text>
          {comment && (
            <Text size="sm" dir="auto" fs="italic">
              {comment}
            </Text>
          )}
        </div>
      ))}
    </Fact>
  );
}
