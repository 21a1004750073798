import { ActionIcon, Group } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useTranslations } from "use-intl";

/** The buttons at the end of a row: to change what is in it, and to do away with it. */
export function Edits({ name, edit, remove }: { name: string; edit: () => void; remove?: () => void }) {
  const t = useTranslations();
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      <ActionIcon variant="subtle" color="gray" onClick={edit} aria-label={t("users.editOne", { name })}>
        <IconPencil size={18} />
      </ActionIcon>
      {remove && (
        <ActionIcon variant="subtle" color="red" onClick={remove} aria-label={t("teams.removeOne", { name })}>
          <IconTrash size={18} />
        </ActionIcon>
      )}
    </Group>
  );
}
