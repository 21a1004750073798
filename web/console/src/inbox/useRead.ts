// What is open and looked at is read.

import { useDocumentVisibility } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import { api } from "../api/client";
import { tell } from "../live/events";

/** Marks the conversation as read up to its last entry, here at once, and on the server for one's other browsers. */
export function useRead(id: string, seq: number | undefined): void {
  const visible = useDocumentVisibility() === "visible";
  const marked = useRef(0);
  useEffect(() => {
    if (visible && seq !== undefined && seq > marked.current) {
      const before = marked.current;
      marked.current = seq;
      tell({ type: "read", conversation: id, seq });
      // The next entry, or the next look at it, marks it anew.
      api.read(id, seq).catch(() => {
        marked.current = before;
      });
    }
  }, [id, seq, visible]);
}
