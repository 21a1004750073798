// `@name` in notes, as the server reads it (`bot/handoff.py`).

const BEGUN = /(?<![\p{L}\p{N}_@.])@([\p{L}\p{N}_.@+-]{0,100})$/u;
const CALLED = /(?<![\p{L}\p{N}_@.])(@[\p{L}\p{N}_.@+-]{1,100})/u;

/** What of a name is written after an `@` at the end of a text; undefined if nobody is being called. */
export const called = (before: string): string | undefined => BEGUN.exec(before)?.[1];

/** A text in which the name that ends at `caret` is a whole one, and where the caret is then. */
export function completed(text: string, caret: number, name: string): [string, number] {
  const before = `${text.slice(0, caret).replace(BEGUN, `@${name}`)} `;
  return [before + text.slice(caret).trimStart(), before.length];
}

/** A note cut into what is a call and what is not; every second part is one. */
export const parts = (text: string): string[] => text.split(new RegExp(CALLED, "gu"));
