import { useDocumentVisibility } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { mentions, mentionsQuery } from "../api/people";
import { tell } from "../live/events";

/** Notes of a conversation that call one are seen once it is open and looked at. */
export function useMentionsSeen(conversation: string, opened: boolean): void {
  const visible = useDocumentVisibility() === "visible";
  const { data } = useQuery(mentionsQuery);
  const waiting = data?.items.some((one) => !one.seen && one.conversation === conversation) ?? false;
  useEffect(() => {
    if (visible && opened && waiting) {
      tell({ type: "mentions_seen", conversation });
      // What could not be stored is unseen again when it is read next.
      mentions.seen(conversation).catch(() => undefined);
    }
  }, [conversation, opened, waiting, visible]);
}
