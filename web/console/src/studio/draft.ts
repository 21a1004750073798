// What somebody has changed of an intent and not yet saved, beside what the server has of it. Pure.
//
// An intent has parts: what it means, and for each language its examples and its replies. Each is saved by itself,
// with the tag of the content that its writer saw; if that is another one by now, both are shown.

import type { Intent } from "./calls";

export interface Meaning {
  means: string;
  buttons: string[];
}

export interface Said {
  label: string;
  replies: string[];
}

export interface Values {
  meaning: Meaning;
  examples: string[];
  replies: Said;
}

export type Kind = keyof Values;
/** `meaning`, or a kind and a language. */
export type Key = "meaning" | `examples:${string}` | `replies:${string}`;
export type Value = Values[Kind];

interface Known {
  tag: string;
  value: Value;
}

export interface Changed extends Known {
  /** What was changed: the content with the tag. */
  base: Value;
}

export type Draft = Readonly<Record<string, Changed>>;

export const kindOf = (key: Key): Kind => key.split(":", 1)[0] as Kind;
export const languageOf = (key: Key): string | undefined => key.split(":")[1];

export const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** A part as the server has it; of a language that it does not list, nothing. */
export function known(intent: Intent, key: Key): Known {
  const language = languageOf(key);
  switch (kindOf(key)) {
    case "meaning":
      return { tag: intent.etag, value: { means: intent.means, buttons: intent.buttons } };
    case "examples": {
      const found = intent.examples.find((one) => one.language === language);
      return found ? { tag: found.etag, value: found.examples } : { tag: intent.no_examples, value: [] };
    }
    case "replies": {
      const found = intent.replies.find((one) => one.language === language);
      return found
        ? { tag: found.etag, value: { label: found.label ?? "", replies: found.replies } }
        : { tag: intent.no_replies, value: { label: "", replies: [] } };
    }
  }
}

/** A part as it is edited. */
export const editedValue = (intent: Intent, draft: Draft, key: Key): Value =>
  draft[key]?.value ?? known(intent, key).value;

function without(draft: Draft, key: Key): Draft {
  const { [key]: _, ...others } = draft;
  return others;
}

/** The draft with a part changed; what is again as the server has it is no change. */
export function changed(intent: Intent, draft: Draft, key: Key, value: Value): Draft {
  const present = known(intent, key);
  const before = draft[key] ?? { tag: present.tag, base: present.value };
  return same(value, before.base) ? without(draft, key) : { ...draft, [key]: { ...before, value } };
}

/** Parts that somebody else has changed since they were begun to be changed here, to something else. */
export const clashes = (intent: Intent, draft: Draft): Key[] =>
  (Object.keys(draft) as Key[]).filter((key) => {
    const present = known(intent, key);
    return draft[key]?.tag !== present.tag && !same(draft[key]?.value, present.value);
  });

/** The draft when somebody has seen what is there now and has chosen. */
export function resolved(intent: Intent, draft: Draft, key: Key, value: Value): Draft {
  const present = known(intent, key);
  return same(value, present.value)
    ? without(draft, key)
    : { ...draft, [key]: { tag: present.tag, base: present.value, value } };
}

/** The draft when the server has taken a part; what was typed meanwhile stays, as a change of what was taken. */
export function saved(draft: Draft, key: Key, value: Value, tag: string): Draft {
  const now = draft[key];
  return !now || same(now.value, value) ? without(draft, key) : { ...draft, [key]: { ...now, tag, base: value } };
}

/** What both have made of the same lines: theirs, without what was removed here, and with what was added here. */
export function mergedLines(base: readonly string[], mine: readonly string[], theirs: readonly string[]): string[] {
  const [was, have] = [new Set(base), new Set(mine)];
  const kept = theirs.filter((line) => !was.has(line) || have.has(line));
  return [...kept, ...mine.filter((line) => !was.has(line) && !kept.includes(line))];
}

/** Both versions of a part in one; of a text that both have changed, the one from here. */
export function merged(key: Key, base: Value, mine: Value, theirs: Value): Value {
  if (kindOf(key) === "examples") {
    return mergedLines(base as string[], mine as string[], theirs as string[]);
  }
  if (kindOf(key) === "replies") {
    const [was, here, there] = [base as Said, mine as Said, theirs as Said];
    return {
      label: here.label === was.label ? there.label : here.label,
      replies: mergedLines(was.replies, here.replies, there.replies),
    };
  }
  const [was, here, there] = [base as Meaning, mine as Meaning, theirs as Meaning];
  return {
    means: here.means === was.means ? there.means : here.means,
    buttons: mergedLines(was.buttons, here.buttons, there.buttons),
  };
}

/** A draft that was kept as text; nonsense is none. */
export function readDraft(kept: string | null): Draft {
  try {
    const data: unknown = JSON.parse(kept ?? "{}");
    const parts = typeof data === "object" && data !== null ? Object.entries(data as Draft) : [];
    return Object.fromEntries(parts.filter(([, part]) => typeof part?.tag === "string" && part.value && part.base));
  } catch {
    return {};
  }
}
