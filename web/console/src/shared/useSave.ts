// A change on the server, after which what it concerns is read again.

import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useComplain } from "./complain";

/** `mutate` makes a call; what is under `keys` is read again, and then `done`. A refusal is told. */
export function useSave(keys: readonly QueryKey[], done?: () => void) {
  const client = useQueryClient();
  const complain = useComplain();
  return useMutation({
    mutationFn: (call: () => Promise<unknown>) => call(),
    onSuccess: async () => {
      await Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })));
      done?.();
    },
    onError: complain,
  });
}
