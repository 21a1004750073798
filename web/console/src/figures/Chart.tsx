import { SimpleGrid, Skeleton } from "@mantine/core";
import { lazy, type ReactNode, Suspense } from "react";
import type { BarsProps } from "./Bars";

const Bars = lazy(() => import("./Bars"));

/** Bars, which a screen reader passes over, and beside them the table that says the same. */
export function Charted({ children, ...bars }: BarsProps & { children: ReactNode }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
      <div aria-hidden="true" style={{ minWidth: 0 }}>
        {bars.rows.length > 0 && (
          <Suspense fallback={<Skeleton h={bars.rows.length * 34 + 44} />}>
            <Bars {...bars} />
          </Suspense>
        )}
      </div>
      <div style={{ minWidth: 0 }}>{children}</div>
    </SimpleGrid>
  );
}
