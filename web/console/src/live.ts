// What happens, as it happens: a WebSocket that comes back by itself.

import { useEffect, useRef, useState } from "react";
import type { Delivery, Message, Summary } from "./api";

export type LiveEvent =
  | { type: "hello"; now: string }
  | { type: "changed"; summary: Summary; messages: Message[] }
  | { type: "typing"; conversation: string; author: string }
  | { type: "delivered"; conversation: string; message: string; delivery: Delivery }
  | { type: "reload" };

const SIGNED_OUT = 4401;

/** Calls `hear` for every event; after a reconnection it hears `reload`, since something may have been missed. */
export function useLive(hear: (event: LiveEvent) => void, signedOut: () => void): boolean {
  const [online, setOnline] = useState(false);
  const handlers = useRef({ hear, signedOut });
  handlers.current = { hear, signedOut };
  useEffect(() => {
    let socket: WebSocket | undefined;
    let timer: number | undefined;
    let failures = 0;
    let stopped = false;
    let before = false;
    const connect = (): void => {
      const scheme = location.protocol === "https:" ? "wss" : "ws";
      socket = new WebSocket(`${scheme}://${location.host}/api/v1/stream`);
      socket.onopen = () => {
        failures = 0;
        setOnline(true);
        if (before) {
          handlers.current.hear({ type: "reload" });
        }
        before = true;
      };
      socket.onmessage = (event: MessageEvent<string>) => handlers.current.hear(JSON.parse(event.data) as LiveEvent);
      socket.onclose = (event) => {
        setOnline(false);
        if (stopped) {
          return;
        }
        if (event.code === SIGNED_OUT) {
          handlers.current.signedOut();
          return;
        }
        failures += 1;
        const whole = Math.min(30_000, 500 * 2 ** failures);
        timer = window.setTimeout(connect, whole / 2 + (Math.random() * whole) / 2);
      };
    };
    connect();
    return () => {
      stopped = true;
      clearTimeout(timer);
      socket?.close();
    };
  }, []);
  return online;
}
