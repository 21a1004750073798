// A flow as a diagram; who cannot see it has the list.

import { useDirection } from "@mantine/core";
import { useEffect, useId, useMemo, useRef } from "react";
import { useTranslations } from "use-intl";
import type { Graph, Step } from "./calls";
import classes from "./Diagram.module.css";
import { HEIGHT, laidOut, pathOf, WIDTH } from "./layout";
import { useEdgeName, useStepName } from "./names";

interface Given {
  graph: Graph;
  chosen: string | undefined;
  choose: (id: string) => void;
}

export function Diagram({ graph, chosen, choose }: Given) {
  const t = useTranslations();
  const { dir } = useDirection();
  const edgeName = useEdgeName();
  const arrow = useId();
  const { width, height, nodes, lines } = useMemo(() => laidOut(graph), [graph]);
  const steps = new Map(graph.nodes.map((step) => [step.id, step]));
  const box = useRef<HTMLElement>(null);
  const first = nodes[0]?.x ?? 0;
  useEffect(() => {
    const { current } = box;
    if (current) {
      // The beginning is in the middle; towards the start of the line is negative from right to left.
      const wanted = Math.max(0, first - current.clientWidth / 2);
      current.scrollTo({ left: dir === "rtl" ? -wanted : wanted, top: 0 });
    }
  }, [first, dir]);
  const mirrored = (x: number): number => (dir === "rtl" ? width - x : x);
  return (
    <section ref={box} className={classes.scroll} aria-label={t("flows.diagramOf", { title: graph.title })}>
      <div className={classes.diagram} style={{ inlineSize: width, blockSize: height }}>
        <svg width={width} height={height} className={classes.lines} aria-hidden direction="ltr">
          <defs>
            <marker id={arrow} viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0,0 L10,5 L0,10 z" className={classes.arrow} />
            </marker>
          </defs>
          {lines.map((line) => (
            <path
              key={`${line.source} ${line.target}`}
              d={pathOf(line.points.map(({ x, y }) => ({ x: mirrored(x), y })))}
              className={classes.line}
              data-aside={line.aside || undefined}
              markerEnd={`url(#${arrow})`}
            />
          ))}
        </svg>
        {lines.map(
          (line) =>
            line.label && (
              <span
                key={`${line.source} ${line.target}`}
                className={classes.label}
                style={{ insetInlineStart: line.at.x, insetBlockStart: line.at.y }}
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
