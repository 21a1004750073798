// Half-written replies: kept for this tab of the browser, each with its conversation and its writer.

import { useCallback, useState } from "react";

const PREFIX = "babeldesk-draft:";

const keyOf = (user: string, conversation: string): string => `${PREFIX}${user}:${conversation}`;

export function forgetDrafts(user: string): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(keyOf(user, ""))) {
      sessionStorage.removeItem(key);
    }
  }
}

export function useDraft(user: string, conversation: string): [string, (text: string) => void] {
  const key = keyOf(user, conversation);
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? "");
  const keep = useCallback(
    (written: string) => {
      setText(written);
      if (written) {
        sessionStorage.setItem(key, written);
      } else {
        sessionStorage.removeItem(key);
      }
    },
    [key],
  );
  return [text, keep];
}
