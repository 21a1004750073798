// The page's line to the server while somebody is signed in: what happens goes into the query cache.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { endSession, useSession } from "../app/session";
import { useCustomerName } from "../inbox/names";
import { useTellMention } from "../mentions/useTellMention";
import { applyToCache } from "./cache";
import { type LiveEvent, onEvent, tell } from "./events";
import { connect } from "./socket";

/** Tells an agent who looks elsewhere of what waits or concerns them. */
function notify(event: LiveEvent, me: string, nameOf: ReturnType<typeof useCustomerName>): void {
  if (event.type !== "changed" || document.visibilityState === "visible" || !("Notification" in window)) {
    return;
  }
  const { conversation, last } = event.summary;
  const concerns = conversation.owner === "queue" || conversation.agent?.id === me;
  if (concerns && Notification.permission === "granted") {
    new Notification(nameOf(conversation.customer, conversation.channel), {
      body: last?.text ?? "",
      tag: conversation.id,
    });
  }
}

/** Whether the line stands; before it was tried once, it is taken to. */
export function useLive(): boolean {
  const client = useQueryClient();
  const nameOf = useCustomerName();
  const tellMention = useTellMention();
  const { me, ended } = useSession();
  const [online, setOnline] = useState(true);
  const hear = useRef<(event: LiveEvent) => void>(() => undefined);
  hear.current = (event) => {
    applyToCache(client, event);
    notify(event, me.id, nameOf);
    if (event.type === "mentioned") {
      tellMention(event.mention);
    }
  };

  useEffect(() => onEvent((event) => hear.current(event)), []);
  useEffect(() => {
    if (ended) {
      return;
    }
    return connect({ hear: tell, connected: setOnline, signedOut: endSession });
  }, [ended]);
  return online;
}
