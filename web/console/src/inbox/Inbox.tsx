// The inbox: a list, the conversation that is open, and what is known of it; on a phone they take turns.

import { Drawer, VisuallyHidden } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconMessages } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { useTranslations } from "use-intl";
import { countsQuery } from "../api/queries";
import { useShortcut } from "../keys/Shortcuts";
import { EmptyState, ListSkeleton } from "../shared/states";
import { ConversationPane } from "./ConversationPane";
import classes from "./Inbox.module.css";
import { ListPane } from "./ListPane";
import { neighbour } from "./lists";
import { useFound } from "./Results";
import { useInboxAddress } from "./useInboxAddress";
import { useList } from "./useList";

const Details = lazy(() => import("./Details"));

export default function Inbox() {
  const t = useTranslations();
  const address = useInboxAddress();
  const { open: id } = address;
  const list = useList(address.listed);
  const found = useFound(address.q, address.filters);
  const { data: all } = useQuery(countsQuery({}));
  const [details, drawer] = useDisclosure(false);
  const wide = useMediaQuery("(min-width: 75em)", undefined, { getInitialValueInEffect: false });
  const narrow = useMediaQuery("(max-width: 47.99em)", undefined, { getInitialValueInEffect: false });
  const waiting = all?.unassigned ?? 0;

  useEffect(() => {
    document.title = waiting ? `(${waiting}) Babeldesk` : "Babeldesk";
  }, [waiting]);

  const step = (by: number): void => {
    const results = found.data?.pages.flatMap((page) => page.items) ?? [];
    const stops = address.q
      ? results.map(({ item, seq }) => ({ conversation: item.conversation, seq }))
      : list.items.map(({ conversation }) => ({ conversation, seq: null }));
    const wanted = neighbour(stops, id, by);
    if (wanted && wanted.conversation.id !== id) {
      address.show(wanted.conversation.id, wanted.seq ?? undefined);
    }
  };
  useShortcut("next", () => step(1));
  useShortcut("previous", () => step(-1));

  return (
    <div className={classes.panes}>
      <VisuallyHidden component="h1">{t("navigation.inbox")}</VisuallyHidden>
      {(!narrow || !id) && <ListPane address={address} list={list} found={found} />}
      {(!narrow || id) &&
        (id ? (
          <ConversationPane key={id} id={id} at={address.at} onDetails={wide ? undefined : drawer.toggle} />
        ) : (
          <div className={classes.conversation}>
            <EmptyState icon={IconMessages} title={t("inbox.pick")}>
              {t("inbox.pickHow")}
            </EmptyState>
          </div>
        ))}
      {wide && id && (
        <aside className={classes.details} aria-label={t("inbox.details")}>
          <Suspense fallback={<ListSkeleton rows={3} />}>
            <Details key={id} id={id} />
          </Suspense>
        </aside>
      )}
      <Drawer
        opened={details && !wide && id !== undefined}
        onClose={drawer.close}
        position="right"
        title={t("inbox.details")}
      >
        {id && (
          <Suspense fallback={<ListSkeleton rows={3} />}>
            <Details key={id} id={id} />
          </Suspense>
        )}
      </Drawer>
    </div>
  );
}
