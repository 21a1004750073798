// A piece of a text with what was found in it.

export interface Piece {
  text: string;
  marked: boolean;
  /** Where it begins, in code points. */
  start: number;
}

/** Cuts a text at its marks: pairs of offsets in code points, which JavaScript's strings do not count in. */
export function pieces({ text, marks }: { text: string; marks: readonly (readonly number[])[] }): Piece[] {
  const points = Array.from(text);
  const cut: Piece[] = [];
  let done = 0;
  const add = (end: number, marked: boolean): void => {
    if (end > done) {
      cut.push({ text: points.slice(done, end).join(""), marked, start: done });
      done = end;
    }
  };
  for (const [start = 0, end = 0] of marks) {
    add(start, false);
    add(end, true);
  }
  add(points.length, false);
  return cut;
}
