// A flow as a diagram. This file alone knows the library that lays it out, and is loaded when one is shown.

import { useDirection } from "@mantine/core";
import { useId, useMemo } from "react";
import { useTranslations } from "use-intl";
import type { Graph, Step } from "./calls";
import classes from "./Diagram.module.css";
import { HEIGHT, laidOut, WIDTH } from "./layout";
import { useEdgeName, useStepName } from "./names";

interface Given {
  graph: Graph;
  chosen: string | undefined;
  choose: (id: string) => void;
}

/** A curve through some points. */
function pathOf(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  if (!first) {
    return "";
  }
  const parts = rest.slice(0, -1).map((point, at) => {
    const next = rest[at + 1] ?? point;
    const end = at === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${point.x},${point.y} ${end.x},${end.y}`;
  });
  const only = rest.length === 1 ? `L${rest[0]?.x},${rest[0]?.y}` : "";
  return `M${first.x},${first.y} ${parts.join(" ")}${only}`;
}

export default function Diagram({ graph, chosen, choose }: Given) {
  const t = useTranslations();
  const { dir } = useDirection();
  const edgeName = useEdgeName();
  const arrow = useId();
  const { width, height, nodes, lines } = useMemo(() => laidOut(graph), [graph]);
  const steps = new Map(graph.nodes.map((step) => [step.id, step]));
  const mirrored = (x: number): number => (dir === "rtl" ? width - x : x);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className={classes.scroll} aria-label={t("flows.diagramOf", { title: graph.title })} tabIndex={0}>
      <div className={classes.diagram} style={{ inlineSize: width, blockSize: height }}>
        <svg width={width} height={height} className={classes.lines} aria-hidden direction="ltr">
          <defs>
            <marker id={arrow} viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0,0 L10,5 L0,10 z" className={classes.arrow} />
            </marker>
          </defs>
          {lines.map((line) => (
            <path
              key={`${line.source} ${line.target} ${line.label}`}
              d={pathOf(line.points.map(({ x, y }) => ({ x: mirrored(x), y })))}
              className={classes.line}
              data-aside={line.target === "human" || line.label === "asks again" || undefined}
              markerEnd={`url(#${arrow})`}
            />
          ))}
        </svg>
        {lines.map(
          (line) =>
            line.label && (
              <span
                key={`${line.source} ${line.target} ${line.label}`}
                className={classes.label}
                style={{ insetInlineStart: line.x, insetBlockStart: line.y }}
                aria-hidden
              >
                {edgeName(line.label)}
              </span>
            ),
        )}
        {graph.nodes.map(({ id }) => {
          const placed = nodes.find((one) => one.id === id);
          const step = steps.get(id);
          return (
            placed &&
            step && (
              <button
                key={id}
                type="button"
                className={classes.node}
                data-kind={step.kind}
                aria-pressed={chosen === id}
                onClick={() => choose(id)}
                style={{
                  insetInlineStart: placed.x - WIDTH / 2,
                  insetBlockStart: placed.y - HEIGHT / 2,
                  inlineSize: WIDTH,
                  blockSize: HEIGHT,
                }}
              >
                <Inside step={step} />
              </button>
            )
          );
        })}
      </div>
    </section>
  );
}

function Inside({ step }: { step: Step }) {
  const { kind, name } = useStepName()(step);
  return (
    <>
      <span className={classes.kind}>{kind}</span>
      {name && <span className={classes.name}>{name}</span>}
      {step.text && (
        <span className={classes.text} dir="auto">
          {step.text}
        </span>
      )}
    </>
  );
}
