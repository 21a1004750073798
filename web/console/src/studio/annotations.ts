// Examples as they are written, entities as `[text](entity)`, and as they are read. Offsets are those of JavaScript.

const ANNOTATION =
  /\[([^[\]]+)\](?:\(([^():]+)(?::([^()]+))?\)|(\{[^{}]*\}|\[\s*\{[^{}]*\}(?:\s*,\s*\{[^{}]*\})*\s*\]))/g;

/** A stretch of an example: `from` and `to` in what is written, `start` in what is read. */
export interface Piece {
  text: string;
  /** What it is, if it is annotated. */
  entity: string | undefined;
  from: number;
  to: number;
  start: number;
}

/** The entities that Rasa's other form names, in JSON; what is no JSON is shown as it is. */
function named(json: string): string {
  try {
    const data: unknown = JSON.parse(json);
    return (Array.isArray(data) ? data : [data]).map((one: { entity?: unknown }) => `${one.entity ?? ""}`).join(", ");
  } catch {
    return json;
  }
}

/** An example in pieces, in their order. */
export function piecesOf(written: string): Piece[] {
  const pieces: Piece[] = [];
  let position = 0;
  let start = 0;
  const add = (text: string, entity: string | undefined, from: number, to: number): void => {
    if (text) {
      pieces.push({ text, entity, from, to, start });
      start += text.length;
    }
  };
  for (const match of written.matchAll(ANNOTATION)) {
    const [whole, text = "", entity, , json] = match;
    add(written.slice(position, match.index), undefined, position, match.index);
    add(text, entity?.trim() ?? named(json ?? ""), match.index, match.index + whole.length);
    position = match.index + whole.length;
  }
  add(written.slice(position), undefined, position, written.length);
  return pieces;
}

/** What a reader sees. */
export const plain = (written: string): string =>
  piecesOf(written)
    .map((piece) => piece.text)
    .join("");

/** Where a place in what is read stands in what is written; at an annotation's edge outside of it. */
export function placeIn(written: string, at: number, edge: "start" | "end"): number {
  for (const piece of piecesOf(written)) {
    const end = piece.start + piece.text.length;
    if (edge === "start" ? at < end : at <= end) {
      if (!piece.entity) {
        return piece.from + Math.max(0, at - piece.start);
      }
      if (edge === "start") {
        return at <= piece.start ? piece.from : piece.from + 1 + at - piece.start;
      }
      return at >= end ? piece.to : piece.from + 1 + at - piece.start;
    }
  }
  return written.length;
}

/** The example with a stretch of what is written annotated; white space at its edges stays outside. */
export function annotate(written: string, from: number, to: number, entity: string): string {
  const chosen = plain(written.slice(from, to)).replace(/[[\]]/g, "");
  const text = chosen.trim();
  if (!text || overlaps(written, from, to)) {
    return written;
  }
  const at = chosen.indexOf(text);
  const [before, behind] = [chosen.slice(0, at), chosen.slice(at + text.length)];
  return `${written.slice(0, from)}${before}[${text}](${entity})${behind}${written.slice(to)}`;
}

/** Whether a stretch cuts an annotation in two, so that it can be no annotation itself. */
export const overlaps = (written: string, from: number, to: number): boolean =>
  piecesOf(written).some(
    (piece) => piece.entity && from < piece.to && to > piece.from && !(from <= piece.from && to >= piece.to),
  );

/** The example without one of its annotations. */
export const withoutAnnotation = (written: string, piece: Piece): string =>
  `${written.slice(0, piece.from)}${piece.text}${written.slice(piece.to)}`;
