// Verdicts given and taken back: what was decided is gone from the page at once, and the server is asked after that.

import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, type Decide, type Review } from "../api/client";
import { labelsQuery } from "../api/queries";
import { useComplain } from "../shared/complain";
import { lessonsQuery } from "../studio/queries";
import { without } from "./groups";

const DECIDES = ["decide"];

export interface Verdicts {
  decide: (body: Decide) => void;
  /** Takes a verdict back; without one the latest that was given here. */
  undo: (act?: string) => void;
  /** Whether there is any that was given here. */
  undoable: boolean;
}

export function useVerdicts(): Verdicts {
  const t = useTranslations();
  const client = useQueryClient();
  const complain = useComplain();
  const [acts, setActs] = useState<string[]>([]);

  const verdict = (body: Decide): string =>
    body.verdict === "out_of_scope" || body.verdict === "dismissed"
      ? t(`review.verdicts.${body.verdict}`)
      : (body.intent ?? "");

  // While one is on its way, what the server tells of the groups is of before it.
  const settled = (): void => {
    if (client.isMutating({ mutationKey: DECIDES }) === 1) {
      void client.invalidateQueries({ queryKey: ["review"] });
      void client.invalidateQueries({ queryKey: labelsQuery.queryKey });
      void client.invalidateQueries({ queryKey: lessonsQuery.queryKey });
    }
  };

  const decide = useMutation({
    mutationKey: DECIDES,
    mutationFn: api.decide,
    onMutate: async (body) => {
      client.setQueriesData<Review>({ queryKey: ["review"] }, (review) => review && without(review, body.messages));
      await client.cancelQueries({ queryKey: ["review"] });
    },
    onSuccess: ({ act, count }, body) => {
      setActs((before) => [...before, act]);
      notifications.show({ message: t("review.decided", { count, verdict: verdict(body) }), autoClose: 3_000 });
    },
    onError: complain,
    onSettled: settled,
  });

  const undo = useMutation({
    mutationKey: DECIDES,
    mutationFn: api.undoLabels,
    onSuccess: () => {
      notifications.show({ message: t("review.undone"), autoClose: 3_000 });
    },
    onError: complain,
    // One that is gone already, taken back elsewhere, is not tried again.
    onSettled: (_given, _error, act) => {
      setActs((before) => before.filter((one) => one !== act));
      settled();
    },
  });

  return {
    decide: decide.mutate,
    undo: (act = acts.at(-1)) => {
      if (act === undefined) {
        notifications.show({ message: t("review.nothingToUndo"), autoClose: 3_000 });
      } else if (!undo.isPending) {
        undo.mutate(act);
      }
    },
    undoable: acts.length > 0,
  };
}
