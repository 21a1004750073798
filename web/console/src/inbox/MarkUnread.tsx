import { Kbd, Menu } from "@mantine/core";
import { IconMailOpened } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { SHORTCUTS } from "../keys/shortcuts";

/** In the menu of a conversation. */
export function MarkUnread({ run }: { run: () => void }) {
  const t = useTranslations();
  return (
    <Menu.Item
      leftSection={<IconMailOpened size={16} />}
      rightSection={<Kbd size="xs">{SHORTCUTS.markUnread[0]}</Kbd>}
      onClick={run}
    >
      {t("inbox.markUnread")}
    </Menu.Item>
  );
}
