// The studio's pages: their own navigation, how the training stands, and the page itself.

import { Box, Group } from "@mantine/core";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import classes from "./Studio.module.css";
import { TrainingStrip } from "./TrainingStrip";
import { useStudioLive } from "./useStudioLive";

const PARTS = [
  { to: "/studio", key: "intents" },
  { to: "/studio/bench", key: "bench" },
  { to: "/studio/history", key: "history" },
  { to: "/studio/exchange", key: "exchange" },
] as const;

export default function Studio() {
  const t = useTranslations();
  const { pathname } = useLocation();
  useStudioLive();
  const here = PARTS.findLast(({ to }) => pathname.startsWith(to))?.to;
  return (
    <Box className={classes.studio ?? ""}>
      <Group className={classes.bar ?? ""} justify="space-between" gap="sm">
        <nav aria-label={t("navigation.studio")} className={classes.parts}>
          {PARTS.map(({ to, key }) => (
            <Link
              key={key}
              to={to}
              className={classes.part}
              aria-current={here === to ? "page" : undefined}
              data-active={here === to || undefined}
            >
              {t(`studio.parts.${key}`)}
            </Link>
          ))}
        </nav>
        <TrainingStrip />
      </Group>
      <Outlet />
    </Box>
  );
}
