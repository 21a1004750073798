// Two customers made one, and split again. What was read of either is read again then.

import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { people } from "../api/people";
import { useComplain } from "../shared/complain";

/** Milliseconds in which a merge may be taken back from where it is told. */
const UNDOABLE = 15_000;

interface Pair {
  kept: string;
  other: string;
  /** How the two are called. */
  names: [string, string];
}

export function useMerging() {
  const t = useTranslations();
  const client = useQueryClient();
  const complain = useComplain();
  const again = (): Promise<unknown> =>
    Promise.all(
      ["profile", "conversation", "inbox", "search"].map((key) => client.invalidateQueries({ queryKey: [key] })),
    );

  const undo = useMutation({
    mutationFn: people.undoMerge,
    onSuccess: async () => {
      notifications.show({ message: t("merge.undone") });
      await again();
    },
    onError: complain,
  });
  const merge = useMutation({
    mutationFn: ({ kept, other }: Pair) => people.merge(kept, other),
    onSuccess: async (profile, { names: [name, other] }) => {
      const made = profile.merges[0];
      const id = `merge ${made?.id}`;
      notifications.show({
        id,
        autoClose: UNDOABLE,
        message: (
          <Group justify="space-between" wrap="nowrap">
            <Text size="sm">{t("merge.done", { name, other })}</Text>
            {made && (
              <Button
                size="xs"
                variant="light"
                style={{ flex: "none" }}
                onClick={() => {
                  notifications.hide(id);
                  undo.mutate(made.id);
                }}
              >
                {t("merge.undo")}
              </Button>
            )}
          </Group>
        ),
      });
      await again();
    },
    onError: complain,
  });
  return { merge, undo };
}
