// The words that a conversation is sorted by.

import { TagsInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api } from "../api/client";
import { tagsOfQuery, tagsQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useComplain } from "../shared/complain";
import { atLeast } from "../shared/roles";
import { Fact } from "./Fact";

export function Tags({ id }: { id: string }) {
  const t = useTranslations();
  const { me } = useSession();
  const client = useQueryClient();
  const complain = useComplain();
  const { data } = useQuery(tagsOfQuery(id));
  const { data: known } = useQuery(tagsQuery);
  const { queryKey } = tagsOfQuery(id);
  const tags = data?.tags ?? [];
  const change = useMutation({
    mutationFn: ({ add, remove }: { add: string[]; remove: string[] }) => api.changeTags(id, add, remove),
    onSuccess: (changed) => client.setQueryData(queryKey, changed),
    onError: (error) => {
      complain(error);
      void client.invalidateQueries({ queryKey });
    },
  });
  if (!atLeast(me, "agent")) {
    return tags.length > 0 ? <Fact label={t("inbox.tags")}>{tags.join(", ")}</Fact> : null;
  }
  return (
    <TagsInput
      size="xs"
      label={t("inbox.tags")}
      placeholder={t("inbox.addTag")}
      maxLength={50}
      comboboxProps={{ withinPortal: false }}
      data={(known?.items ?? []).map(({ tag }) => tag)}
      value={tags}
      disabled={!data}
      onChange={(wanted) =>
        change.mutate({
          add: wanted.filter((tag) => !tags.includes(tag)),
          remove: tags.filter((tag) => !wanted.includes(tag)),
        })
      }
    />
  );
}
