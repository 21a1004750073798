// What an agent does with a conversation. Whatever the server refuses is told, and the conversation read again.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type Conversation } from "../api/client";
import { conversationQuery } from "../api/queries";
import { useComplain } from "../shared/complain";

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
    mutationFn: (act: "claim" | "giveBack" | "close") => api[act](id),
    onSuccess: ({ conversation }) => changed(conversation),
    onError: (error) => {
      complain(error);
      void client.invalidateQueries({ queryKey });
    },
  });
}
