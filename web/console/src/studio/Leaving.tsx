import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useTranslations } from "use-intl";

/** Asks before a page with unsaved changes is left. They stay as a draft of this tab of the browser. */
export function Leaving({ when, lost = false }: { when: boolean; lost?: boolean }) {
  const t = useTranslations();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => when && current.pathname !== next.pathname,
    enableBeforeUnload: () => when,
    withResolver: true,
  });
  if (blocker.status !== "blocked") {
    return null;
  }
  return (
    <Modal opened onClose={blocker.reset} title={t("studio.leave.title")}>
      <Stack>
        <Text size="sm">{lost ? t("studio.leave.lost") : t("studio.leave.why")}</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={blocker.proceed}>
            {t("studio.leave.go")}
          </Button>
          <Button onClick={blocker.reset} data-autofocus>
            {t("studio.leave.stay")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
