// How many notes call one and were not seen yet; opens the list of them.

import { Badge, Indicator, Loader, Popover, Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAt } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslations } from "use-intl";
import { mentionsQuery } from "../api/people";
import shell from "../app/Shell.module.css";
import { useFormats } from "../i18n/formats";
import { useShortcut } from "../keys/Shortcuts";
import classes from "./Mentions.module.css";

const List = lazy(() => import("./List"));

/** `below`: the list comes up below it, where there is no room beside. */
export function Bell({ wide, below = false }: { wide: boolean; below?: boolean }) {
  const t = useTranslations();
  const formats = useFormats();
  const [opened, list] = useDisclosure(false);
  const { data } = useQuery(mentionsQuery);
  const unseen = data?.unseen ?? 0;
  const label = t("mentions.count", { count: unseen });
  useShortcut("mentions", list.toggle);
  return (
    <Popover
      opened={opened}
      onChange={(open) => (open ? list.open() : list.close())}
      position={below ? "bottom-end" : "right-end"}
      width={340}
      withinPortal={false}
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Tooltip label={t("mentions.title")} position="right" disabled={wide || opened}>
          <UnstyledButton
            className={`${shell.item} ${wide ? "" : shell.narrow}`}
            w={wide ? "100%" : 44}
            mx={wide ? 0 : "auto"}
            aria-label={label}
            onClick={list.toggle}
          >
            <Indicator disabled={wide || unseen === 0} size={8} color="orange" offset={1}>
              <IconAt size={20} stroke={1.6} style={{ display: "block" }} />
            </Indicator>
            {wide && <span className={shell.label}>{t("mentions.title")}</span>}
            {wide && unseen > 0 && (
              <Badge size="sm" variant="light" color="orange" aria-hidden>
                {formats.number(unseen)}
              </Badge>
            )}
          </UnstyledButton>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0} className={classes.panel ?? ""} aria-label={t("mentions.title")}>
        <Suspense fallback={<Loader m="md" size="sm" />}>
          <List close={list.close} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
