import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useTranslations } from "use-intl";

/** Asks before something is done; the button that does it is named as the title. */
export function useConfirm(): (title: string, why: string, run: () => void) => void {
  const t = useTranslations();
  return (title, why, run) =>
    modals.openConfirmModal({
      title,
      children: <Text size="sm">{why}</Text>,
      labels: { confirm: title, cancel: t("states.cancel") },
      onConfirm: run,
    });
}
