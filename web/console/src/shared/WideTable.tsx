import { Table, type TableProps } from "@mantine/core";
import classes from "./WideTable.module.css";

/** A table that is scrolled, by keyboard too, where it does not fit. */
export function WideTable({ label, minWidth, ...table }: TableProps & { label: string; minWidth: number }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className={classes.scroll} aria-label={label} tabIndex={0}>
      <Table verticalSpacing="sm" {...table} style={{ minWidth }} />
    </section>
  );
}
