// How an error is told: what the server says, or that it does not answer.

import { notifications } from "@mantine/notifications";
import { useCallback } from "react";
import { useTranslations } from "use-intl";
import { ApiError } from "../api/errors";

export function useMessageOf(): (error: unknown) => string {
  const t = useTranslations();
  return useCallback((error) => (error instanceof ApiError ? error.message : t("states.unreachable")), [t]);
}

/** Tells an error in a corner of the page; the end of a session is told by the sign-in that comes up. */
export function useComplain(): (error: unknown) => void {
  const messageOf = useMessageOf();
  return useCallback(
    (error) => {
      if (!(error instanceof ApiError && error.signedOut)) {
        notifications.show({ color: "red", message: messageOf(error) });
      }
    },
    [messageOf],
  );
}
