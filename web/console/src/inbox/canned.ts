// Canned replies as they are looked for and shown; the server fills them in.

import type { Canned } from "../api/client";

/** A reply's text in a language, or in the first that it has. */
export const textIn = (reply: Canned, language: string): string =>
  reply.texts[language] ?? reply.texts[language.split("-")[0] ?? ""] ?? Object.values(reply.texts)[0] ?? "";

/** Replies that have every word: first those whose shortcut begins so. */
export function matching(replies: readonly Canned[], wanted: string): Canned[] {
  const words = wanted.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const begins = (reply: Canned): boolean => reply.shortcut.toLocaleLowerCase().startsWith(words[0] ?? "");
  return replies
    .filter((reply) => {
      const all = [reply.shortcut, ...Object.values(reply.texts)].join("\n").toLocaleLowerCase();
      return words.every((word) => all.includes(word));
    })
    .sort((a, b) => Number(begins(b)) - Number(begins(a)) || a.shortcut.localeCompare(b.shortcut));
}
