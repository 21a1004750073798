// Puts a conversation back among what is to be read: what the customer said last is unread again.

import { useNavigate } from "@tanstack/react-router";
import type { Opened } from "../api/client";
import { markRead } from "../api/people";
import { tell } from "../live/events";
import { useComplain } from "../shared/complain";
import { lastHeard } from "./customers";

/** Leaves the conversation, as whoever looks at it reads it. */
export function useMarkUnread(opened: Opened | undefined): () => void {
  const navigate = useNavigate();
  const complain = useComplain();
  return () => {
    const seq = opened && lastHeard(opened.messages);
    if (!opened || seq === undefined) {
      return;
    }
    const conversation = opened.conversation.id;
    void navigate({ to: "/", search: ({ at: _, ...others }: Record<string, unknown>) => others });
    // The list is read again once the server has moved the mark.
    markRead(conversation, seq - 1)
      .then(() => tell({ type: "read", conversation, seq: seq - 1 }))
      .catch(complain);
  };
}
