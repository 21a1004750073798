// Whether what was sent has arrived; what was given up can be tried again.

import { Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api, type Message } from "../api/client";
import { useSession } from "../app/session";
import { useComplain } from "../shared/complain";
import { atLeast } from "../shared/roles";

export function DeliveryState({ message }: { message: Message }) {
  const t = useTranslations();
  const { me } = useSession();
  const complain = useComplain();
  const retry = useMutation({ mutationFn: () => api.retry(message.id), onError: complain });
  const { delivery } = message;
  if (delivery?.state === "dead") {
    return (
      <Group gap={6} mt={4} c="var(--desk-bad)" role="alert">
        <IconAlertTriangle size={14} />
        <Text size="xs">
          {t("inbox.undelivered")} <bdi>{delivery.error}</bdi>
        </Text>
        {atLeast(me, "supervisor") && (
          <Button
            size="compact-xs"
            variant="light"
            color="red"
            loading={retry.isPending}
            onClick={() => retry.mutate()}
          >
            {t("states.retry")}
          </Button>
        )}
      </Group>
    );
  }
  return delivery?.state === "pending" && delivery.attempts > 0 ? (
    <Text size="xs" c="var(--desk-warning)" mt={3}>
      {t("inbox.pending")} <bdi>{delivery.error}</bdi>
    </Text>
  ) : null;
}
