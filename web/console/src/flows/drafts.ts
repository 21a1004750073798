// What is typed and not saved yet, and what the server says of it.

import type { Draft, Finding } from "./calls";

export interface FlowsSearch {
  file?: string | undefined;
  flow?: string | undefined;
  language?: string | undefined;
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

export const parseFlowsSearch = (search: Record<string, unknown>): FlowsSearch => ({
  file: text(search.file),
  flow: text(search.flow),
  language: text(search.language),
});

const FIRST = ["flows.yml", "pack.yml", "intents.yml", "entities.yml"];

/** What admins edit in words comes first; tests and examples, which have pages of their own, last. */
export function sortedFiles(paths: readonly string[]): string[] {
  const rank = (path: string): number => {
    const place = FIRST.indexOf(path);
    if (place >= 0) {
      return place;
    }
    return path.startsWith("replies/") ? 10 : path.startsWith("nlu/") ? 12 : path.startsWith("tests/") ? 13 : 11;
  };
  return [...paths].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** A file with a new text; one that says what it said before is no draft. */
export function typed(
  drafts: readonly Draft[],
  path: string,
  text: string,
  saved: { text: string; etag: string },
): Draft[] {
  const known = drafts.find((draft) => draft.path === path);
  const others = drafts.filter((draft) => draft.path !== path);
  if (text === saved.text && (known === undefined || known.etag === saved.etag)) {
    return others.length === drafts.length ? [...drafts] : others;
  }
  return [...others, { path, text, etag: known?.etag ?? saved.etag }].sort((a, b) => a.path.localeCompare(b.path));
}

export interface Mark {
  /** From 1; 0 for the file as a whole. */
  line: number;
  column: number;
  reason: string;
}

/** What is wrong in one file, from top to bottom. */
export const marksIn = (findings: readonly Finding[], path: string): Mark[] =>
  findings.filter(({ file }) => file === path).sort((a, b) => a.line - b.line || a.column - b.column);

/** Where a mark stands in a text, as offsets: from its column to the end of its line, and never nowhere. */
export function spanOf(text: string, mark: Mark): [number, number] {
  const lines = text.split("\n");
  const at = Math.min(Math.max(1, mark.line), lines.length) - 1;
  const start = lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0);
  const line = lines[at] ?? "";
  const indent = line.length - line.trimStart().length;
  const column = mark.column > 0 ? Math.min(mark.column - 1, line.length) : indent;
  return [start + Math.min(column, indent < line.length ? line.length - 1 : line.length), start + line.length];
}

export interface Line {
  text: string;
  /** Whether the other text does not have it there. */
  differs: boolean;
}

/** Two texts line by line; what only one of them has is marked (a longest common subsequence of the changed part). */
export function sideBySide(one: string, other: string): [Line[], Line[]] {
  const mine = one.split("\n");
  const theirs = other.split("\n");
  let head = 0;
  while (head < mine.length && head < theirs.length && mine[head] === theirs[head]) {
    head += 1;
  }
  let tail = 0;
  while (
    tail < mine.length - head &&
    tail < theirs.length - head &&
    mine[mine.length - 1 - tail] === theirs[theirs.length - 1 - tail]
  ) {
    tail += 1;
  }
  const common = commonOf(mine.slice(head, mine.length - tail), theirs.slice(head, theirs.length - tail));
  const marked = (lines: readonly string[], kept: ReadonlySet<number>): Line[] =>
    lines.map((line, at) => ({
      text: line,
      differs: at >= head && at < lines.length - tail && !kept.has(at - head),
    }));
  return [marked(mine, common[0]), marked(theirs, common[1])];
}

/** Lines beyond which two texts are taken to be different altogether. */
const MOST = 1500;

function commonOf(one: readonly string[], other: readonly string[]): [Set<number>, Set<number>] {
  const kept: [Set<number>, Set<number>] = [new Set(), new Set()];
  if (one.length > MOST || other.length > MOST) {
    return kept;
  }
  const width = other.length + 1;
  const longest = new Uint16Array((one.length + 1) * width);
  const at = (row: number, column: number): number => longest[row * width + column] ?? 0;
  for (let row = one.length - 1; row >= 0; row -= 1) {
    for (let column = other.length - 1; column >= 0; column -= 1) {
      longest[row * width + column] =
        one[row] === other[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  let row = 0;
  let column = 0;
  while (row < one.length && column < other.length) {
    if (one[row] === other[column]) {
      kept[0].add(row);
      kept[1].add(column);
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) {
      row += 1;
    } else {
      column += 1;
    }
  }
  return kept;
}
