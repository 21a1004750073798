// What happens to the pack and its training while a page of the studio is open.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { onEvent } from "../live/events";
import { applyTraining } from "./progress";
import { duplicatesQuery, trainingsQuery } from "./queries";

/** Reads again what an event has changed. */
export function useStudioLive(): void {
  const client = useQueryClient();
  useEffect(
    () =>
      onEvent((event) => {
        if (event.type === "pack") {
          // To compare all examples with each other takes the server a while: they are when the list is opened again.
          void client.invalidateQueries({
            queryKey: ["studio"],
            predicate: ({ queryKey }) => queryKey[1] !== duplicatesQuery.queryKey[1],
          });
          void client.invalidateQueries({ queryKey: duplicatesQuery.queryKey, refetchType: "none" });
        }
        if (event.type !== "training") {
          return;
        }
        const known = client.getQueryData(trainingsQuery.queryKey);
        const after = known && applyTraining(known, event);
        if (after) {
          client.setQueryData(trainingsQuery.queryKey, after);
          return;
        }
        void client.invalidateQueries({ queryKey: trainingsQuery.queryKey });
        if (event.state === "served") {
          void client.invalidateQueries({ queryKey: ["studio", "intents"] });
          void client.invalidateQueries({ queryKey: ["models"] });
        }
      }),
    [client],
  );
}

/** Calls `run` whenever another revision is served, or another version of the model. */
export function useOnServed(run: () => void): void {
  useEffect(
    () =>
      onEvent((event) => {
        if (
          event.type === "pack" ||
          event.type === "reload" ||
          (event.type === "training" && event.state === "served")
        ) {
          run();
        }
      }),
    [run],
  );
}
