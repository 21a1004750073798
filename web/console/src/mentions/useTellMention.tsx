// A note calls one: told in a corner of the page, and by the system to whoever looks elsewhere.

import { Anchor, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import type { Mention } from "../api/client";

/** Milliseconds. */
const TOLD = 12_000;

export function useTellMention(): (mention: Mention) => void {
  const t = useTranslations();
  const navigate = useNavigate();
  const { id: open } = useParams({ strict: false });
  return ({ conversation, seq, by, text }) => {
    const title = t("mentions.by", { name: by });
    const key = `mention ${conversation} ${seq}`;
    const go = (): void => {
      notifications.hide(key);
      void navigate({ to: "/c/$id", params: { id: conversation }, search: { at: seq } });
    };
    const away = document.visibilityState !== "visible";
    if (away && "Notification" in window && Notification.permission === "granted") {
      const told = new Notification(title, { body: text, tag: key });
      told.onclick = () => {
        window.focus();
        go();
      };
    }
    if (away || conversation !== open) {
      notifications.show({
        id: key,
        title: <bdi>{title}</bdi>,
        message: (
          <>
            <Text size="sm" c="var(--mantine-color-text)" dir="auto" lineClamp={3}>
              {text}
            </Text>
            <Anchor component="button" type="button" size="sm" onClick={go}>
              {t("mentions.open")}
            </Anchor>
          </>
        ),
        autoClose: away ? false : TOLD,
      });
    }
  };
}
