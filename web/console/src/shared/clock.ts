// One clock for everything on the page that tells how long something has lasted.

import { useSyncExternalStore } from "react";

const watchers = new Set<() => void>();
let now = Date.now();
let timer: number | undefined;

function watch(changed: () => void): () => void {
  watchers.add(changed);
  if (timer === undefined) {
    now = Date.now();
    timer = window.setInterval(() => {
      now = Date.now();
      for (const told of watchers) {
        told();
      }
    }, 1_000);
  }
  return () => {
    watchers.delete(changed);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time (ms), anew every `step` ms. */
export const useNow = (step = 1_000): number => useSyncExternalStore(watch, () => Math.floor(now / step) * step);
