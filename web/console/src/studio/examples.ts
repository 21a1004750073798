// What is typed or pasted, as examples.

import { plain } from "./annotations.ts";

const BULLET = /^\s*(?:[-*•–]\s+|\d{1,3}[.)]\s+)/;

/** Lines as examples: without the marks of a list, white space collapsed, empty ones left out. */
export const linesOf = (text: string): string[] =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(BULLET, "").trim().replace(/\s+/g, " "))
    .filter((line) => line !== "");

/** What is the same for texts that are the same to a reader. */
export const comparable = (written: string): string =>
  plain(written).normalize("NFKC").toLowerCase().trim().replace(/\s+/g, " ");

export interface Added {
  examples: string[];
  added: number;
  /** How many were there already. */
  known: number;
}

/** Examples with others at their end, each once. */
export function withMore(present: readonly string[], more: readonly string[]): Added {
  const known = new Set(present.map(comparable));
  const examples = [...present];
  for (const line of more) {
    const key = comparable(line);
    if (key && !known.has(key)) {
      known.add(key);
      examples.push(line);
    }
  }
  const added = examples.length - present.length;
  return { examples, added, known: more.length - added };
}
