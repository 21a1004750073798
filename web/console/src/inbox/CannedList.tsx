// Ready texts to be found by their shortcuts and words. Loaded when somebody asks for them.

import { Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "../api/client";
import { cannedQuery, conversationQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { useComplain } from "../shared/complain";
import { Loaded } from "../shared/states";
import { Choices } from "./Choices";
import { matching, textIn } from "./canned";
import { useChoice } from "./useChoice";

export default function CannedList({
  id,
  insert,
  leave,
}: {
  id: string;
  insert: (text: string) => void;
  leave: () => void;
}) {
  const t = useTranslations();
  const formats = useFormats();
  const complain = useComplain();
  const list = useId();
  const [wanted, setWanted] = useState("");
  const query = useQuery(cannedQuery);
  const { data: opened } = useQuery(conversationQuery(id));
  const language = opened?.conversation.language ?? "";
  const found = matching(query.data?.items ?? [], wanted);

  const render = useMutation({
    mutationFn: (reply: string) => api.rendered(id, reply),
    onSuccess: ({ text, missing }) => {
      insert(text);
      if (missing.length > 0) {
        notifications.show({ color: "orange", message: t("inbox.missing", { names: formats.list(missing) }) });
      }
    },
    onError: complain,
  });
  const choose = (reply: string): void => render.mutate(reply);
  const choice = useChoice(
    found.map((reply) => reply.id),
    choose,
    leave,
  );
  return (
    <Loaded query={query}>
      {() => (
        <>
          {found.length > 0 ? (
            <Choices
              id={list}
              label={t("inbox.canned")}
              active={choice.active}
              choose={choose}
              items={found.map((reply) => ({
                key: reply.id,
                title: `/${reply.shortcut}`,
                more: textIn(reply, language),
              }))}
            />
          ) : (
            <Text size="sm" c="dimmed" mb={8}>
              {t("inbox.cannedNone")}
            </Text>
          )}
          <TextInput
            autoFocus
            size="xs"
            mb={8}
            role="combobox"
            aria-expanded={found.length > 0}
            aria-controls={list}
            aria-activedescendant={found.length > 0 ? `${list}-${choice.active}` : undefined}
            aria-label={t("inbox.cannedSearch")}
            placeholder={t("inbox.cannedSearch")}
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (!event.nativeEvent.isComposing && !choice.pressed(event) && event.key === "Escape") {
                leave();
              }
            }}
          />
        </>
      )}
    </Loaded>
  );
}
