// What texts of canned replies name in braces, as the server reads it (`bot/pack.py`).

const NAMED = /\{([a-z_][a-z0-9_]*)\}/g;

/** What a text names of which nothing can be known. */
export const unknownIn = (text: string, known: readonly string[]): string[] => [
  ...new Set([...text.matchAll(NAMED)].map(([, name]) => name ?? "").filter((name) => !known.includes(name))),
];

/** A text with `{name}` in place of what is selected, and where the caret is then. */
export function inserted(text: string, start: number, end: number, name: string): [string, number] {
  const piece = `{${name}}`;
  return [text.slice(0, start) + piece + text.slice(end), start + piece.length];
}
