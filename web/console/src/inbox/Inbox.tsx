// The inbox: a list, the conversation that is open, and what is known of it; on a phone they take turns.

import { Drawer, VisuallyHidden } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconMessages } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslations } from "use-intl";
import { unreadQuery } from "../api/queries";
import { useShortcut } from "../keys/Shortcuts";
import { EmptyState } from "../shared/states";
import { ConversationPane } from "./ConversationPane";
import { Details } from "./Details";
import classes from "./Inbox.module.css";
import { ListPane } from "./ListPane";
import { neighbour } from "./lists";
import { useList } from "./useList";

export default function Inbox() {
  const t = useTranslations();
  const { id } = useParams({ strict: false });
  const { tab = "waiting" } = useSearch({ from: "/inbox" });
  const navigate = useNavigate();
  const client = useQueryClient();
  const list = useList(tab);
  const [details, drawer] = useDisclosure(false);
  const wide = useMediaQuery("(min-width: 75em)", undefined, { getInitialValueInEffect: false });
  const narrow = useMediaQuery("(max-width: 47.99em)", undefined, { getInitialValueInEffect: false });
  const { waiting = 0 } = list.counts;

  useEffect(() => {
    document.title = waiting ? `(${waiting}) Babeldesk` : "Babeldesk";
  }, [waiting]);

  useEffect(() => {
    if (id) {
      client.setQueryData(unreadQuery.queryKey, (unread = {}) => {
        const { [id]: _, ...others } = unread;
        return others;
      });
    }
  }, [id, client]);

  const step = (by: number): void => {
    const wanted = neighbour(list.items, id, by);
    if (wanted && wanted !== id) {
      void navigate({ to: "/c/$id", params: { id: wanted }, search: true });
    }
  };
  useShortcut("next", () => step(1));
  useShortcut("previous", () => step(-1));

  return (
    <div className={classes.panes}>
      <VisuallyHidden component="h1">{t("navigation.inbox")}</VisuallyHidden>
      {(!narrow || !id) && <ListPane tab={tab} list={list} open={id} />}
      {(!narrow || id) &&
        (id ? (
          <ConversationPane key={id} id={id} onDetails={wide ? undefined : drawer.toggle} />
        ) : (
          <div className={classes.conversation}>
            <EmptyState icon={IconMessages} title={t("inbox.pick")}>
              {t("inbox.pickHow")}
            </EmptyState>
          </div>
        ))}
      {wide && id && (
        <aside className={classes.details} aria-label={t("inbox.details")}>
          <Details id={id} />
        </aside>
      )}
      <Drawer
        opened={details && !wide && id !== undefined}
        onClose={drawer.close}
        position="right"
        title={t("inbox.details")}
      >
        {id && <Details id={id} />}
      </Drawer>
    </div>
  );
}
