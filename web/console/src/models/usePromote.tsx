// Lets a version answer; one that is worse on the pack's tests only once somebody has seen what gets worse.

import { Alert, Button, Checkbox, Group, List, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { ApiError } from "../api/errors";
import { modelsQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { useComplain } from "../shared/complain";
import { useConfirm } from "../shared/useConfirm";
import { type Losses, promote, type Tests } from "./calls";
import { useIntentName } from "./useIntentName";

const lossesOf = (error: unknown): Losses | undefined =>
  error instanceof ApiError && error.code === "worse" ? (error.body.worse as Losses | undefined) : undefined;

export function usePromote(): { ask: (version: string) => void; busy: boolean } {
  const t = useTranslations();
  const client = useQueryClient();
  const complain = useComplain();
  const confirm = useConfirm();
  const change = useMutation({
    mutationFn: ({ version, override }: { version: string; override: string[] | null }) => promote(version, override),
    onSuccess: (state) => client.setQueryData(modelsQuery.queryKey, state),
    onError: (error, { version }) => {
      const worse = lossesOf(error);
      if (!worse) {
        complain(error);
        return;
      }
      const dialog = modals.open({
        title: t("models.worse", { name: version }),
        children: (
          <Worse
            worse={worse}
            anyway={() => {
              modals.close(dialog);
              change.mutate({ version, override: worse.intents.map(({ name }) => name) });
            }}
            cancel={() => modals.close(dialog)}
          />
        ),
      });
    },
  });
  return {
    ask: (version) =>
      confirm(t("models.promote"), t("models.promoteWhy", { name: version }), () =>
        change.mutate({ version, override: null }),
      ),
    busy: change.isPending,
  };
}

function Worse({ worse, anyway, cancel }: { worse: Losses; anyway: () => void; cancel: () => void }) {
  const t = useTranslations();
  const formats = useFormats();
  const nameOf = useIntentName();
  const [seen, setSeen] = useState(false);
  return (
    <Stack>
      <Alert color="red">
        {t("models.worseBy", { this: worse.total.this, other: worse.total.other, n: worse.total.n })}
      </Alert>
      <Lost title={t("models.byIntent")} rows={worse.intents} nameOf={nameOf} />
      <Lost title={t("models.byLanguage")} rows={worse.languages} nameOf={formats.language} />
      <Checkbox
        label={t("models.worseSeen")}
        checked={seen}
        onChange={(event) => setSeen(event.currentTarget.checked)}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={cancel}>
          {t("states.cancel")}
        </Button>
        <Button color="red" disabled={!seen} onClick={anyway}>
          {t("models.promoteAnyway")}
        </Button>
      </Group>
    </Stack>
  );
}

interface Given {
  title: string;
  rows: readonly Tests[];
  nameOf: (name: string) => string;
}

function Lost({ title, rows, nameOf }: Given) {
  const t = useTranslations();
  return (
    rows.length > 0 && (
      <div>
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <List size="sm" mah={220} style={{ overflowY: "auto" }} tabIndex={0}>
          {rows.map((row) => (
            <List.Item key={row.name}>
              {t("models.worseIn", { name: nameOf(row.name), this: row.this, other: row.other, n: row.n })}
            </List.Item>
          ))}
        </List>
      </div>
    )
  );
}
