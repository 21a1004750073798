// A WebSocket that comes back by itself.

import type { LiveEvent } from "./events";

const SIGNED_OUT = 4401;

/** Milliseconds between two signs that somebody is there, without whom agents are soon taken to be away. */
const SIGN_EVERY = 30_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "touchmove", "wheel"] as const;

export interface Line {
  hear: (event: LiveEvent) => void;
  connected: (online: boolean) => void;
  signedOut: () => void;
}

/** Connects until the function that it gives is called; after a cut it tells `reload`, as something may be missed. */
export function connect(line: Line): () => void {
  let socket: WebSocket | undefined;
  let timer: number | undefined;
  let failures = 0;
  let stopped = false;
  let before = false;
  let signed = Number.NEGATIVE_INFINITY;

  const open = (): void => {
    clearTimeout(timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/api/v1/stream`);
    socket.onopen = () => {
      failures = 0;
      line.connected(true);
      if (before) {
        line.hear({ type: "reload" });
      }
      before = true;
    };
    socket.onmessage = (event: MessageEvent<string>) => line.hear(JSON.parse(event.data) as LiveEvent);
    socket.onclose = (event) => {
      if (stopped) {
        return;
      }
      line.connected(false);
      if (event.code === SIGNED_OUT) {
        line.signedOut();
        return;
      }
      failures += 1;
      const whole = Math.min(30_000, 500 * 2 ** failures);
      timer = window.setTimeout(open, whole / 2 + (Math.random() * whole) / 2);
    };
  };

  // The system says that the network is back: that is worth a try at once.
  const networkIsBack = (): void => {
    if (!stopped && socket?.readyState === WebSocket.CLOSED) {
      open();
    }
  };
  const somebodyIsThere = (): void => {
    const now = performance.now();
    if (now - signed >= SIGN_EVERY && socket?.readyState === WebSocket.OPEN) {
      signed = now;
      socket.send("here");
    }
  };
  window.addEventListener("online", networkIsBack);
  for (const sign of SIGNS) {
    window.addEventListener(sign, somebodyIsThere, { capture: true, passive: true });
  }
  open();
  return () => {
    stopped = true;
    window.removeEventListener("online", networkIsBack);
    for (const sign of SIGNS) {
      window.removeEventListener(sign, somebodyIsThere, { capture: true });
    }
    clearTimeout(timer);
    socket?.close();
  };
}
