// What is known of a customer, written down by agents.

import { ActionIcon, Button, Group, NativeSelect, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api, type Profile } from "../api/client";
import { profileQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useComplain } from "../shared/complain";
import { atLeast } from "../shared/roles";
import { Fact } from "./Fact";
import { KINDS, type Kind, readValue } from "./kinds";
import { useAttributeValue } from "./useAttributeValue";

interface Draft {
  name: string;
  kind: Kind;
  value: string;
}

const INPUTS = { string: "text", number: "number", date: "date" } as const;

export function Attributes({ profile }: { profile: Profile }) {
  const t = useTranslations();
  const { me } = useSession();
  const client = useQueryClient();
  const complain = useComplain();
  const [draft, setDraft] = useState<Draft | null>(null);
  const may = atLeast(me, "agent");
  const known = Object.entries(profile.attributes);

  const change = useMutation({
    mutationFn: (body: Parameters<typeof api.changeAttributes>[1]) => api.changeAttributes(profile.id, body),
    onSuccess: (changed) => {
      client.setQueryData(profileQuery(profile.id).queryKey, changed);
      setDraft(null);
    },
    onError: complain,
  });
  const shown = useAttributeValue();
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (draft?.name.trim()) {
      const { name, kind, value } = draft;
      change.mutate({ know: { [name.trim()]: { kind, value: readValue(kind, value) } }, forget: [] });
    }
  };
  if (!may && known.length === 0) {
    return null;
  }
  return (
    <Fact label={t("inbox.attributes")}>
      <Stack gap={4}>
        {known.map(([name, attribute]) => (
          <Group key={name} gap={6} wrap="nowrap" justify="space-between">
            <UnstyledButton
              fz="sm"
              disabled={!may}
              onClick={() => setDraft({ name, kind: attribute.kind, value: String(attribute.value) })}
            >
              <Text span inherit c="dimmed">
                <bdi>{name}</bdi>
              </Text>{" "}
              <bdi>{shown(attribute)}</bdi>
            </UnstyledButton>
            {may && (
              <ActionIcon
                size="sm"
                variant="subtle"
                color="gray"
                aria-label={t("inbox.remove", { name })}
                onClick={() => change.mutate({ know: {}, forget: [name] })}
              >
                <IconX size={14} />
              </ActionIcon>
            )}
          </Group>
        ))}
        {may && !draft && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconPlus size={14} />}
            style={{ alignSelf: "flex-start" }}
            onClick={() => setDraft({ name: "", kind: "string", value: "" })}
          >
            {t("inbox.addAttribute")}
          </Button>
        )}
        {draft && (
          <form onSubmit={save}>
            <Stack gap={6}>
              <TextInput
                autoFocus
                size="xs"
                label={t("inbox.attributeName")}
                value={draft.name}
                maxLength={100}
                required
                onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
              />
              <NativeSelect
                size="xs"
                label={t("inbox.attributeKind")}
                value={draft.kind}
                onChange={(event) => {
                  const kind = event.currentTarget.value as Kind;
                  setDraft({ ...draft, kind, value: kind === "boolean" ? "true" : "" });
                }}
                data={KINDS.map((value) => ({ value, label: t(`inbox.kinds.${value}`) }))}
              />
              {draft.kind === "boolean" ? (
                <NativeSelect
                  size="xs"
                  label={t("inbox.attributeValue")}
                  value={draft.value}
                  onChange={(event) => setDraft({ ...draft, value: event.currentTarget.value })}
                  data={[
                    { value: "true", label: t("inbox.yes") },
                    { value: "false", label: t("inbox.no") },
                  ]}
                />
              ) : (
                <TextInput
                  size="xs"
                  type={INPUTS[draft.kind]}
                  step="any"
                  required
                  dir={draft.kind === "string" ? "auto" : undefined}
                  label={t("inbox.attributeValue")}
                  value={draft.value}
                  maxLength={2000}
                  onChange={(event) => setDraft({ ...draft, value: event.currentTarget.value })}
                />
              )}
              <Group gap={6}>
                <Button size="xs" type="submit" loading={change.isPending}>
                  {t("states.save")}
                </Button>
                <Button size="xs" variant="default" onClick={() => setDraft(null)}>
                  {t("states.cancel")}
                </Button>
              </Group>
            </Stack>
          </form>
        )}
      </Stack>
    </Fact>
  );
}
