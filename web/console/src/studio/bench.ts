// A tried text with what was found in it. Pure.

export interface Found {
  entity: string;
  /** In code points. */
  start: number;
  end: number;
  value: string;
}

export interface Stretch {
  text: string;
  found: Found | undefined;
  start: number;
}

/** A text in stretches; of findings that overlap, the first and longest. */
export function stretches(text: string, entities: readonly Found[]): Stretch[] {
  const points = [...text];
  const parts: Stretch[] = [];
  let position = 0;
  const add = (end: number, found: Found | undefined): void => {
    if (end > position) {
      parts.push({ text: points.slice(position, end).join(""), found, start: position });
      position = end;
    }
  };
  for (const found of [...entities].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (found.start >= position) {
      add(found.start, undefined);
      add(Math.min(found.end, points.length), found);
    }
  }
  add(points.length, undefined);
  return parts;
}
