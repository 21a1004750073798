// A WebSocket that comes back by itself.

import type { LiveEvent } from "./events";

const SIGNED_OUT = 4401;

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
  window.addEventListener("online", networkIsBack);
  open();
  return () => {
    stopped = true;
    window.removeEventListener("online", networkIsBack);
    clearTimeout(timer);
    socket?.close();
  };
}
