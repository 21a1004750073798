import { useDirection } from "@mantine/core";
import { type PointerEvent, useId, useRef } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import classes from "./Curve.module.css";
import { handedOver, nearest, type Outcome, type Point, wrongOf } from "./outcomes";

/** Units of the drawing. */
const WIDTH = 480;
const HEIGHT = 300;
const LEFT = 52;
const RIGHT = 14;
const TOP = 14;
const BOTTOM = 46;

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1];

/** The least round number that is above all, with four lines or fewer below it. */
function scaleOf(highest: number): number[] {
  const step = STEPS.find((one) => highest / one <= 4) ?? 1;
  const lines = Math.max(1, Math.ceil(highest / step - 1e-9));
  return Array.from({ length: lines + 1 }, (_, line) => line * step);
}

interface Given {
  points: readonly Point[];
  chosen: Outcome;
  saved: Outcome;
  choose: (at: number) => void;
}

/** The curve, along which the threshold is dragged; by keyboard there is the slider beside it. */
export function Curve({ points, chosen, saved, choose }: Given) {
  const t = useTranslations();
  const formats = useFormats();
  const { dir } = useDirection();
  const svg = useRef<SVGSVGElement>(null);
  const title = useId();
  const across = scaleOf(Math.max(...points.map(({ handed }) => handed), 0.01));
  const up = scaleOf(Math.max(...points.map(({ wrong }) => wrong), 0.01));
  const widest = across.at(-1) ?? 1;
  const highest = up.at(-1) ?? 1;
  const rtl = dir === "rtl";
  const x = (handed: number): number => {
    const along = (handed / widest) * (WIDTH - LEFT - RIGHT);
    return rtl ? WIDTH - LEFT - along : LEFT + along;
  };
  const y = (wrong: number): number => HEIGHT - BOTTOM - (wrong / highest) * (HEIGHT - TOP - BOTTOM);
  const drag = (event: PointerEvent): void => {
    const box = svg.current?.getBoundingClientRect();
    if (!box || (event.type === "pointermove" && event.buttons === 0)) {
      return;
    }
    const at = ((event.clientX - box.left) / box.width) * WIDTH;
    const along = (rtl ? WIDTH - LEFT - at : at - LEFT) / (WIDTH - LEFT - RIGHT);
    const point = nearest(points, Math.min(1, Math.max(0, along)) * widest);
    if (point) {
      choose(point.at);
    }
  };
  const line = points.map(({ handed, wrong }) => `${x(handed).toFixed(1)},${y(wrong).toFixed(1)}`).join(" ");
  const here = { x: x(handedOver(chosen)), y: y(wrongOf(chosen)) };
  const axis = rtl ? WIDTH - LEFT : LEFT;
  const far = rtl ? RIGHT : WIDTH - RIGHT;
  return (
    <svg
      ref={svg}
      className={classes.curve}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      direction="ltr"
      role="img"
      aria-labelledby={title}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag(event);
      }}
      onPointerMove={drag}
    >
      <title id={title}>
        {t("models.curveIs", {
          handed: formats.percent(handedOver(chosen), 1),
          wrong: formats.percent(wrongOf(chosen), 1),
        })}
      </title>
      {up.map((value) => (
        <g key={value}>
          <line className={classes.grid} x1={axis} x2={far} y1={y(value)} y2={y(value)} />
          <text x={rtl ? axis + 8 : axis - 8} y={y(value) + 4} textAnchor={rtl ? "start" : "end"}>
            {formats.percent(value, 0)}
          </text>
        </g>
      ))}
      {across.map((value) => (
        <text key={value} x={x(value)} y={HEIGHT - BOTTOM + 18} textAnchor="middle">
          {formats.percent(value, 0)}
        </text>
      ))}
      <text x={(axis + far) / 2} y={HEIGHT - 6} textAnchor="middle" className={classes.name}>
        {t("models.handedOver")}
      </text>
      <text
        transform={`translate(${rtl ? WIDTH - 10 : 12} ${(HEIGHT - BOTTOM + TOP) / 2}) rotate(${rtl ? 90 : -90})`}
        textAnchor="middle"
        className={classes.name}
      >
        {t("models.wrongAnswers")}
      </text>
      <polyline className={classes.line} points={line} />
      <line className={classes.cross} x1={here.x} x2={here.x} y1={HEIGHT - BOTTOM} y2={here.y} />
      <line className={classes.cross} x1={axis} x2={here.x} y1={here.y} y2={here.y} />
      <circle className={classes.saved} cx={x(handedOver(saved))} cy={y(wrongOf(saved))} r={5} />
      <circle className={classes.chosen} cx={here.x} cy={here.y} r={8} />
    </svg>
  );
}
