// Where the steps of a flow stand in a diagram, from top to bottom, and the lines between them.

import { Graph as Graphlib, layout } from "@dagrejs/dagre";
import type { Graph } from "./calls";

export const WIDTH = 184;
export const HEIGHT = 76;
const LABEL = 96;

export interface Placed {
  id: string;
  /** The middle. */
  x: number;
  y: number;
}

export interface Line {
  source: string;
  target: string;
  label: string;
  points: { x: number; y: number }[];
  /** The middle of the label. */
  x: number;
  y: number;
}

export interface Layout {
  width: number;
  height: number;
  nodes: Placed[];
  lines: Line[];
}

export function laidOut(graph: Graph): Layout {
  const drawn = new Graphlib({ multigraph: true });
  drawn.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 46, edgesep: 20, marginx: 12, marginy: 12 });
  drawn.setDefaultEdgeLabel(() => ({}));
  for (const { id } of graph.nodes) {
    drawn.setNode(id, { width: WIDTH, height: HEIGHT });
  }
  graph.edges.forEach(({ source, target, label }, number) => {
    drawn.setEdge(
      source,
      target,
      { width: label ? LABEL : 0, height: label ? 18 : 0, labelpos: "c", label },
      `${number}`,
    );
  });
  layout(drawn);
  const { width = 0, height = 0 } = drawn.graph();
  return {
    width,
    height,
    nodes: drawn.nodes().map((id) => {
      const { x, y } = drawn.node(id) as { x: number; y: number };
      return { id, x, y };
    }),
    lines: drawn.edges().map((edge) => {
      const { points, label, x, y } = drawn.edge(edge) as {
        points: { x: number; y: number }[];
        label: string;
        x?: number;
        y?: number;
      };
      const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
      return { source: edge.v, target: edge.w, label, points, x: x ?? middle.x, y: y ?? middle.y };
    }),
  };
}
