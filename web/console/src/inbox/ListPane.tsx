// The list of conversations: only the rows that are seen are on the page, however many there are.

import { IconArchive, IconHourglass, IconInbox, IconMessages, IconRobot, IconUserCheck } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { EmptyState, ListSkeleton, LoadFailed } from "../shared/states";
import { Find, Narrowed } from "./Find";
import classes from "./Inbox.module.css";
import own from "./List.module.css";
import type { View } from "./lists";
import { Results, type useFound } from "./Results";
import { Row } from "./Row";
import type { InboxAddress } from "./useInboxAddress";
import type { List } from "./useList";
import { Views } from "./Views";

const ICONS = {
  unassigned: IconInbox,
  mine: IconUserCheck,
  waiting_for_customer: IconHourglass,
  bot: IconRobot,
  closed: IconArchive,
  all: IconMessages,
} as const;
const ROW = 88;
const NEAR = 10;

export function ListPane({
  address,
  list,
  found,
}: {
  address: InboxAddress;
  list: List;
  found: ReturnType<typeof useFound>;
}) {
  const t = useTranslations();
  const { view } = address.listed;
  const narrowed = Object.keys(address.filters).length > 0;
  return (
    <section className={classes.list} aria-label={t("inbox.lists")}>
      <div className={own.top}>
        <Find address={address} />
        {!address.q && <Views view={view} counts={list.counts} onChange={address.view} />}
        <Narrowed address={address} />
      </div>
      {address.q ? (
        <Results query={found} />
      ) : (
        <Listing address={address} list={list} view={view} narrowed={narrowed} />
      )}
    </section>
  );
}

function Listing({
  address,
  list,
  view,
  narrowed,
}: {
  address: InboxAddress;
  list: List;
  view: View;
  narrowed: boolean;
}) {
  const t = useTranslations();
  if (list.error) {
    return <LoadFailed error={list.error} retry={list.retry} />;
  }
  if (list.pending) {
    return <ListSkeleton />;
  }
  if (list.items.length === 0) {
    return <EmptyState icon={ICONS[view]} title={narrowed ? t("inbox.nothing") : t(`inbox.nobody.${view}`)} />;
  }
  return <Rows key={JSON.stringify(address.listed)} view={view} list={list} open={address.open} />;
}

function Rows({ view: listed, list, open }: { view: View; list: List; open: string | undefined }) {
  const t = useTranslations();
  const view = useRef<HTMLDivElement>(null);
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
      <ul className={classes.rows} aria-label={t(`inbox.views.${listed}`)} style={{ height: rows.getTotalSize() }}>
        {seen.map(({ index, key, start }) => {
          const summary = items[index];
          return (
            summary && (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                aria-setsize={Math.max(list.counts[listed] ?? 0, items.length)}
                aria-posinset={index + 1}
                className={classes.place}
                style={{ insetBlockStart: start }}
              >
                <Row summary={summary} unread={summary.conversation.id === open ? 0 : summary.unread} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}
