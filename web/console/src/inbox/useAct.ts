// What an agent does with a conversation. Whatever the server refuses is told, and the conversation read again.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Conversation } from "../api/client";
import { conversationQuery } from "../api/queries";
import { useComplain } from "../shared/complain";

/** What is done with the conversation of an id. */
export type Act = (id: string) => Promise<{ conversation: Conversation }>;

export function useAct(id: string) {
  const client = useQueryClient();
  const complain = useComplain();
  const { queryKey } = conversationQuery(id);

  const changed = (conversation: Conversation): void => {
    client.setQueryData(queryKey, (opened) =>
      opened && opened.conversation.updated_at <= conversation.updated_at ? { ...opened, conversation } : opened,
    );
  };

  return useMutation({
    mutationFn: (act: Act) => act(id),
    onSuccess: ({ conversation }) => changed(conversation),
    onError: (error) => {
      complain(error);
      void client.invalidateQueries({ queryKey });
    },
  });
}
