// Where the steps of a flow stand in a diagram, and the lines between them. Every flow has one shape: what is asked and
// done stands in a column, what may come of it in a row below, ways back lie before the column and ways out behind it.

import type { Graph, Step } from "./calls";

export const WIDTH = 152;
export const HEIGHT = 72;
const DOWN = 46;
const ACROSS = 12;
const LANE = 22;
const MARGIN = 14;

export interface Point {
  x: number;
  y: number;
}

export interface Placed extends Point {
  id: string;
}

export interface Line {
  source: string;
  target: string;
  points: Point[];
  /** What is written beside it, with its middle; nothing where the target says it. */
  label: string;
  at: Point;
  /** Whether it leaves the way that things should go. */
  aside: boolean;
}

export interface Layout {
  width: number;
  height: number;
  nodes: Placed[];
  lines: Line[];
}

const BELOW: readonly Step["kind"][] = ["outcome", "human"];

/** Positions are of the middle of each step, from the side on which reading begins. */
export function laidOut(graph: Graph): Layout {
  const column = graph.nodes.filter(({ kind }) => !BELOW.includes(kind));
  const places = new Map(graph.nodes.map(({ id }, place) => [id, place]));
  const goesBack = ({ source, target }: { source: string; target: string }): boolean =>
    (places.get(target) ?? 0) < (places.get(source) ?? 0);
  const back = graph.edges.filter(goesBack);
  const returns = new Set(back.map(({ source }) => source));
  // Outcomes from which it goes back stand beside the ways back, and the person stands last.
  const row = [
    ...graph.nodes.filter(({ kind, id }) => kind === "outcome" && returns.has(id)),
    ...graph.nodes.filter(({ kind, id }) => kind === "outcome" && !returns.has(id)),
    ...graph.nodes.filter(({ kind }) => kind === "human"),
  ];
  const start = MARGIN + LANE * back.length;
  const wide = row.length * (WIDTH + ACROSS) - ACROSS;
  const middle = start + Math.max(wide, WIDTH) / 2;
  const top = MARGIN + HEIGHT / 2;
  const below = top + column.length * (HEIGHT + DOWN);

  const nodes: Placed[] = [
    ...column.map(({ id }, at) => ({ id, x: middle, y: top + at * (HEIGHT + DOWN) })),
    ...row.map(({ id }, at) => ({ id, x: start + WIDTH / 2 + at * (WIDTH + ACROSS), y: below })),
  ];
  const human = nodes.find(({ id }) => id === "human");
  if (human) {
    // The way out goes past the column.
    human.x = Math.max(human.x, middle + WIDTH / 2 + LANE);
  }
  const placeOf = (id: string): Point => nodes.find((node) => node.id === id) ?? { x: middle, y: top };
  const labels = new Map(graph.nodes.map(({ id, label }) => [id, label]));

  let told = false;
  const lines = graph.edges.map(({ source, target, label }): Line => {
    const from = placeOf(source);
    const to = placeOf(target);
    const line = { source, target, label: labels.get(target) === label ? "" : label, aside: false };
    if (goesBack({ source, target })) {
      const lane =
        MARGIN / 2 + LANE * (back.findIndex((edge) => edge.source === source && edge.target === target) + 0.5);
      const side = from.x - WIDTH / 2;
      const points = [
        { x: side, y: from.y },
        { x: lane, y: from.y },
        { x: lane, y: to.y + 10 },
        { x: to.x - WIDTH / 2, y: to.y + 10 },
      ];
      // Beside the column there is room for a name, in the lanes there is none.
      const at =
        from.x === middle ? { x: (lane + side) / 2, y: from.y } : { x: (lane + to.x - WIDTH / 2) / 2, y: to.y + 10 };
      return { ...line, points, at, aside: true };
    }
    if (from.x === to.x && to.y - from.y === HEIGHT + DOWN) {
      const points = [
        { x: from.x, y: from.y + HEIGHT / 2 },
        { x: to.x, y: to.y - HEIGHT / 2 },
      ];
      return { ...line, points, at: { x: from.x, y: (from.y + to.y) / 2 - 3 } };
    }
    if (target === "human" && from.y < below - HEIGHT - DOWN) {
      // All of them end in one way out, which is named once.
      const points = [
        { x: from.x + WIDTH / 2, y: from.y },
        { x: to.x, y: from.y },
        { x: to.x, y: to.y - HEIGHT / 2 },
      ];
      const named = told ? "" : line.label;
      told = true;
      return { ...line, label: named, points, at: { x: to.x, y: from.y + HEIGHT / 2 + DOWN / 2 }, aside: true };
    }
    const turn = to.y - HEIGHT / 2 - DOWN / 2;
    const points = [
      { x: from.x, y: from.y + HEIGHT / 2 },
      { x: from.x, y: turn },
      { x: to.x, y: turn },
      { x: to.x, y: to.y - HEIGHT / 2 },
    ];
    return { ...line, points, at: { x: to.x - ACROSS, y: turn }, aside: target === "human" };
  });
  const width = Math.max(start + wide, (human?.x ?? 0) + WIDTH / 2, middle + WIDTH / 2) + MARGIN;
  return { width, height: below + HEIGHT / 2 + MARGIN, nodes, lines };
}

const ROUND = 8;

const towards = (from: Point, to: Point, by: number): Point => {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(by, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
};

/** A line through some points, for an SVG, with rounded corners. */
export function pathOf(points: readonly Point[]): string {
  return points
    .map((point, at) => {
      const before = points[at - 1];
      const next = points[at + 1];
      if (!before) {
        return `M${point.x},${point.y}`;
      }
      if (!next) {
        return `L${point.x},${point.y}`;
      }
      const enters = towards(point, before, ROUND);
      const leaves = towards(point, next, ROUND);
      return `L${enters.x},${enters.y} Q${point.x},${point.y} ${leaves.x},${leaves.y}`;
    })
    .join(" ");
}
