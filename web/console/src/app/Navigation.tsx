import { Badge, Indicator, Stack, Tooltip, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { countsQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { mayOpen, PAGES } from "./pages";
import classes from "./Shell.module.css";
import { useSession } from "./session";

export function Navigation({ wide }: { wide: boolean }) {
  const t = useTranslations();
  const formats = useFormats();
  const { me } = useSession();
  const { pathname } = useLocation();
  const { data: counts } = useQuery(countsQuery({}));
  const waiting = counts?.unassigned ?? 0;
  return (
    <Stack gap={2} component="ul" m={0} p={0}>
      {PAGES.filter((page) => mayOpen(page, me)).map(({ to, key, icon: Icon }) => {
        const label = t(`navigation.${key}`);
        const here = to === "/" ? pathname === "/" || pathname.startsWith("/c/") : pathname.startsWith(to);
        const count = key === "inbox" ? waiting : 0;
        return (
          <li key={key} style={{ listStyle: "none" }}>
            <Tooltip label={label} position="right" disabled={wide}>
              <Link
                to={to}
                className={`${classes.item} ${wide ? "" : classes.narrow}`}
                aria-label={wide ? undefined : label}
                aria-current={here ? "page" : undefined}
                data-active={here || undefined}
              >
                <Indicator disabled={wide || count === 0} size={8} color="orange" offset={1}>
                  <Icon size={20} stroke={1.6} style={{ display: "block" }} />
                </Indicator>
                {wide && <span className={classes.label}>{label}</span>}
                {wide && count > 0 && (
                  <>
                    <VisuallyHidden>{t("navigation.waiting", { count })}</VisuallyHidden>
                    <Badge size="sm" variant="light" color="orange" aria-hidden>
                      {formats.number(count)}
                    </Badge>
                  </>
                )}
              </Link>
            </Tooltip>
          </li>
        );
      })}
    </Stack>
  );
}
