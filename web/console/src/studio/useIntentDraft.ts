// An intent as it is edited: kept for this tab of the browser until it is saved, with every step that can be undone.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../api/errors";
import { useSession } from "../app/session";
import { useComplain } from "../shared/complain";
import { type Finding, findingsOf, type Intent, studio } from "./calls";
import {
  changed,
  clashes,
  type Draft,
  editedValue,
  type Key,
  kindOf,
  languageOf,
  type Meaning,
  readDraft,
  resolved,
  type Said,
  saved,
  type Value,
} from "./draft";
import { intentQuery } from "./queries";

// As half-written replies are (`inbox/draft.ts`), so that they go with them when somebody signs out.
const keyOf = (user: string, intent: string): string => `babeldesk-draft:${user}:studio/${intent}`;

/** The intents of which somebody has unsaved changes in this tab. */
export const draftedIntents = (user: string): string[] =>
  Object.keys(sessionStorage)
    .filter((key) => key.startsWith(keyOf(user, "")))
    .map((key) => key.slice(keyOf(user, "").length));

/** Steps that can be undone. */
const MOST = 100;
/** Milliseconds without a key, after which what is typed is a step of its own. */
const PAUSE = 1_500;

export interface Editing {
  draft: Draft;
  dirty: boolean;
  clashes: Key[];
  saving: boolean;
  /** What stands against a part that was to be saved. */
  refused: Readonly<Record<string, { message: string; findings: Finding[] }>>;
  undoable: boolean;
  value: (key: Key) => Value;
  set: (key: Key, value: Value) => void;
  resolve: (key: Key, value: Value) => void;
  undo: () => void;
  discard: () => void;
  save: () => Promise<void>;
}

export function useIntentDraft(intent: Intent): Editing {
  const { me } = useSession();
  const client = useQueryClient();
  const complain = useComplain();
  const stored = keyOf(me.id, intent.name);
  const [draft, setDraft] = useState<Draft>(() => readDraft(sessionStorage.getItem(stored)));
  const [past, setPast] = useState<readonly Draft[]>([]);
  const [saving, setSaving] = useState(false);
  const [refused, setRefused] = useState<Editing["refused"]>({});
  const typing = useRef<{ key: Key | undefined; at: number }>({ key: undefined, at: 0 });
  const now = useRef({ draft, intent });
  now.current = { draft, intent };

  useEffect(() => {
    if (Object.keys(draft).length > 0) {
      sessionStorage.setItem(stored, JSON.stringify(draft));
    } else {
      sessionStorage.removeItem(stored);
    }
  }, [draft, stored]);

  const replace = (after: Draft): void => {
    now.current.draft = after;
    setDraft(after);
  };
  const step = (after: Draft, typed?: Key): void => {
    const before = now.current.draft;
    const at = Date.now();
    // What is typed in one go is undone in one go.
    const goesOn = typed !== undefined && typing.current.key === typed && at - typing.current.at < PAUSE;
    typing.current = { key: typed, at };
    if (!goesOn) {
      setPast((steps) => [...steps, before].slice(-MOST));
    }
    replace(after);
  };

  const put = async (key: Key): Promise<void> => {
    const part = now.current.draft[key];
    if (!part) {
      return;
    }
    const { tag, value } = part;
    const language = languageOf(key) ?? "";
    const { queryKey } = intentQuery(intent.name);
    const list = kindOf(key) === "examples" ? "examples" : "replies";
    let after: string;
    if (kindOf(key) === "meaning") {
      const answer = await studio.putMeaning(intent.name, tag, value as Meaning);
      after = answer.etag;
      client.setQueryData(queryKey, answer);
    } else {
      const answer =
        list === "examples"
          ? await studio.putExamples(intent.name, language, tag, value as string[])
          : await studio.putReplies(intent.name, language, tag, said(value as Said));
      after = answer.etag;
      client.setQueryData(
        queryKey,
        (known) =>
          known && {
            ...known,
            [list]: [...known[list].filter((one) => one.language !== language), answer],
          },
      );
    }
    replace(saved(now.current.draft, key, value, after));
  };

  const save = async (): Promise<void> => {
    setSaving(true);
    const wrong: Record<string, { message: string; findings: Finding[] }> = {};
    await client.cancelQueries({ queryKey: intentQuery(intent.name).queryKey });
    for (const key of Object.keys(now.current.draft) as Key[]) {
      if (clashes(now.current.intent, now.current.draft).includes(key)) {
        continue;
      }
      try {
        await put(key);
      } catch (error) {
        // One that somebody else was quicker with is shown beside theirs when the intent was read again.
        if (error instanceof ApiError && error.status !== 412 && error.status < 500 && !error.signedOut) {
          wrong[key] = { message: error.message, findings: findingsOf(error) };
        } else if (!(error instanceof ApiError && error.status === 412)) {
          complain(error);
          break;
        }
      }
    }
    setRefused(wrong);
    setPast([]);
    setSaving(false);
    await client.invalidateQueries({ queryKey: ["studio"] });
  };

  return {
    draft,
    dirty: Object.keys(draft).length > 0,
    clashes: clashes(intent, draft),
    saving,
    refused,
    undoable: past.length > 0,
    value: (key) => editedValue(intent, draft, key),
    set: (key, value) =>
      step(changed(now.current.intent, now.current.draft, key, value), kindOf(key) === "examples" ? undefined : key),
    resolve: (key, value) => step(resolved(now.current.intent, now.current.draft, key, value)),
    undo: () => {
      const before = past.at(-1);
      if (before) {
        typing.current = { key: undefined, at: 0 };
        setPast(past.slice(0, -1));
        replace(before);
      }
    },
    discard: () => step({}),
    save,
  };
}

const said = ({ label, replies }: Said) => ({
  label: label.trim() || null,
  replies: replies.map((text) => text.trim()).filter(Boolean),
});
