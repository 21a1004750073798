// One of a few things, chosen by the arrow keys from a field in which one writes.

import { type KeyboardEvent, useState } from "react";

export function useChoice<K>(keys: readonly K[], choose: (key: K) => void, leave: () => void) {
  const [place, setPlace] = useState(0);
  const active = Math.min(place, Math.max(0, keys.length - 1));
  return {
    active,
    /** Whether the key was one for choosing. */
    pressed: (event: KeyboardEvent): boolean => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const key = keys[active];
      if (event.key === "Escape" && keys.length > 0) {
        leave();
      } else if (by && keys.length > 0) {
        setPlace((active + by + keys.length) % keys.length);
      } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && key !== undefined) {
        setPlace(0);
        choose(key);
      } else {
        return false;
      }
      event.preventDefault();
      return true;
    },
  };
}
