// Bars that lie, one for each name. This file alone knows the library that draws, and is loaded when they are shown.

import "@mantine/charts/styles.css";

import { BarChart } from "@mantine/charts";
import { useDirection } from "@mantine/core";
import { useFormats } from "../i18n/formats";

export interface BarsProps {
  /** `name` is what the bar is called, `color` is of that bar only; all else are values of `series`. */
  rows: Record<string, string | number>[];
  series: { name: string; label: string; color: string }[];
}

/** Pixels. */
const BAR = 34;
const AXIS = 44;

export const heightOf = (rows: number, legend: boolean): number => rows * BAR + AXIS + (legend ? 32 : 0);

export default function Bars({ rows, series }: BarsProps) {
  const formats = useFormats();
  const { dir } = useDirection();
  const rtl = dir === "rtl";
  const legend = series.length > 1;
  return (
    <BarChart
      // In what is drawn, begin and end of a text are those of left to right; the axes are turned by themselves.
      dir="ltr"
      h={heightOf(rows.length, legend)}
      data={rows}
      dataKey="name"
      orientation="vertical"
      type="stacked"
      series={series}
      withLegend={legend}
      legendProps={{ verticalAlign: "bottom", height: 32, itemSorter: null }}
      valueFormatter={formats.number}
      gridAxis="y"
      tickLine="none"
      maxBarWidth={20}
      xAxisProps={{ reversed: rtl, allowDecimals: false, tickFormatter: formats.number }}
      yAxisProps={{
        width: 138,
        orientation: rtl ? "right" : "left",
        interval: 0,
        tick: { transform: `translate(${rtl ? 8 : -8}, 0)`, fontSize: 12, fill: "currentColor" },
      }}
      barProps={{ isAnimationActive: false }}
      // Who cannot see bars has the table beside them.
      accessibilityLayer={false}
    />
  );
}
