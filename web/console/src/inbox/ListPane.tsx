// The list of conversations: only the rows that are seen are on the page, however many there are.

import { SegmentedControl } from "@mantine/core";
import { IconInbox, IconMessages, IconRobot, IconUserCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { unreadQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { EmptyState, ListSkeleton, LoadFailed } from "../shared/states";
import classes from "./Inbox.module.css";
import { TABS, type Tab } from "./lists";
import { Row } from "./Row";
import type { List } from "./useList";

const ICONS = { waiting: IconInbox, mine: IconUserCheck, bot: IconRobot, all: IconMessages } as const;
const ROW = 88;
const NEAR = 10;

export function ListPane({ tab, list, open }: { tab: Tab; list: List; open: string | undefined }) {
  const t = useTranslations();
  const formats = useFormats();
  const navigate = useNavigate();
  const label = (of: Tab): string => {
    const count = list.counts[of];
    return count ? `${t(`inbox.tabs.${of}`)} ${formats.number(count)}` : t(`inbox.tabs.${of}`);
  };
  return (
    <section className={classes.list} aria-label={t("inbox.lists")}>
      <div className={classes.head}>
        <SegmentedControl
          fullWidth
          w="100%"
          size="xs"
          aria-label={t("inbox.lists")}
          value={tab}
          onChange={(value) => {
            const chosen = value as Tab;
            void navigate({ to: ".", search: chosen === "waiting" ? {} : { tab: chosen } });
          }}
          data={TABS.map((value) => ({ value, label: label(value) }))}
        />
      </div>
      {list.pending && !list.error && <ListSkeleton />}
      {list.error ? <LoadFailed error={list.error} retry={list.retry} /> : null}
      {!list.pending && !list.error && list.items.length === 0 && (
        <EmptyState icon={ICONS[tab]} title={t(`inbox.nobody.${tab}`)} />
      )}
      {list.items.length > 0 && <Rows key={tab} tab={tab} list={list} open={open} />}
    </section>
  );
}

function Rows({ tab, list, open }: { tab: Tab; list: List; open: string | undefined }) {
  const t = useTranslations();
  const view = useRef<HTMLDivElement>(null);
  const { data: unread = {} } = useQuery(unreadQuery);
  const { items, more } = list;
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => view.current,
    estimateSize: () => ROW,
    getItemKey: (index) => items[index]?.conversation.id ?? index,
    overscan: 6,
  });
  const seen = rows.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever comes near the end gets more
  useEffect(() => {
    if (last >= items.length - NEAR) {
      more();
    }
  }, [last, items.length]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a list that changes does not jump back to the open one
  useEffect(() => {
    const at = items.findIndex((summary) => summary.conversation.id === open);
    if (at >= 0) {
      rows.scrollToIndex(at);
    }
  }, [open]);

  return (
    <div ref={view} className={classes.scroll}>
      <ul className={classes.rows} aria-label={t(`inbox.tabs.${tab}`)} style={{ height: rows.getTotalSize() }}>
        {seen.map(({ index, key, start }) => {
          const summary = items[index];
          return (
            summary && (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                aria-setsize={items.length}
                aria-posinset={index + 1}
                className={classes.place}
                style={{ insetBlockStart: start }}
              >
                <Row summary={summary} unread={unread[summary.conversation.id] ?? false} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}
