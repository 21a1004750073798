// A unified diff as lines to be shown. Pure.

export interface DiffLine {
  kind: "added" | "removed" | "kept" | "gap";
  text: string;
  /** The line's number before, and after. */
  before: number | undefined;
  after: number | undefined;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

export function diffLines(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let before = 0;
  let after = 0;
  for (const line of diff.split("\n").slice(2)) {
    const hunk = HUNK.exec(line);
    if (hunk) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      if (lines.length > 0) {
        lines.push({ kind: "gap", text: "", before: undefined, after: undefined });
      }
    } else if (line.startsWith("+")) {
      lines.push({ kind: "added", text: line.slice(1), before: undefined, after });
      after += 1;
    } else if (line.startsWith("-")) {
      lines.push({ kind: "removed", text: line.slice(1), before, after: undefined });
      before += 1;
    } else {
      lines.push({ kind: "kept", text: line.slice(1), before, after });
      before += 1;
      after += 1;
    }
  }
  return lines;
}
