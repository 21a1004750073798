// The conversation that is open: its head, its history, and where the agent writes.

import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslations } from "use-intl";
import { api } from "../api/client";
import { conversationQuery, typingQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useShortcut } from "../keys/Shortcuts";
import { useMentionsSeen } from "../mentions/useMentionsSeen";
import { useNow } from "../shared/clock";
import { atLeast } from "../shared/roles";
import { Loaded } from "../shared/states";
import { Composer } from "./Composer";
import { Head } from "./Head";
import { History } from "./History";
import classes from "./Inbox.module.css";
import { Moves } from "./Moves";
import { Standing } from "./Standing";
import { useAct } from "./useAct";
import { useMarkUnread } from "./useMarkUnread";
import { useRead } from "./useRead";

/** Milliseconds for which a customer who was seen typing is taken to type on. */
const TYPING_LASTS = 6_000;

export function ConversationPane({
  id,
  at,
  onDetails,
}: {
  id: string;
  /** The entry that is looked for. */
  at: number | undefined;
  onDetails: (() => void) | undefined;
}) {
  const t = useTranslations();
  const { me } = useSession();
  const query = useQuery(conversationQuery(id));
  const { data: typing = {} } = useQuery(typingQuery);
  const now = useNow();
  const act = useAct(id);
  const field = useRef<HTMLTextAreaElement>(null);
  const wantsToWrite = useRef(false);

  const conversation = query.data?.conversation;
  const answers = atLeast(me, "agent");
  const mine = conversation?.owner === "agent" && conversation.agent?.id === me.id;
  const claimable = answers && (conversation?.owner === "queue" || conversation?.owner === "bot");
  // Supervisors also end what others have.
  const endable = mine || (conversation?.owner === "agent" && atLeast(me, "supervisor"));
  const movable = endable || (answers && conversation?.owner === "queue");
  useRead(id, query.data?.messages.at(-1)?.seq);
  useMentionsSeen(id, query.data !== undefined);
  const markUnread = useMarkUnread(query.data);

  const claim = (): void => {
    if (claimable) {
      wantsToWrite.current = true;
      act.mutate(api.claim);
    }
  };
  const giveBack = (): void => {
    if (endable) {
      act.mutate(api.giveBack);
    }
  };
  const close = (): void => {
    if (endable) {
      modals.openConfirmModal({
        title: t("inbox.closeSure"),
        children: <Text size="sm">{t("inbox.closeWhy")}</Text>,
        labels: { confirm: t("inbox.close"), cancel: t("states.cancel") },
        onConfirm: () => act.mutate(api.close),
      });
    }
  };
  useShortcut("claim", claim);
  useShortcut("giveBack", giveBack);
  useShortcut("close", close);
  useShortcut("markUnread", markUnread);
  useShortcut("details", () => onDetails?.());

  return (
    <section className={classes.conversation} aria-label={t("inbox.conversation")}>
      <Loaded query={query}>
        {(opened) => (
          <>
            <Head
              conversation={opened.conversation}
              mine={mine}
              claimable={claimable}
              endable={endable}
              busy={act.isPending}
              actions={{ claim, giveBack, close, markUnread }}
              onDetails={onDetails}
              moves={
                movable && (
                  <Moves
                    conversation={opened.conversation}
                    busy={act.isPending}
                    run={(move) => act.mutate(move)}
                    markUnread={markUnread}
                  />
                )
              }
            />
            <Standing
              opened={opened}
              answers={answers}
              busy={act.isPending}
              claim={claim}
              wake={() => act.mutate(api.wake)}
            />
            <History messages={opened.messages} at={at} typing={now - (typing[id] ?? 0) < TYPING_LASTS} />
            {answers && (
              <Composer
                conversation={opened.conversation}
                mine={mine}
                field={field}
                wantsToWrite={wantsToWrite}
                lastSaid={opened.messages.findLast((m) => m.author === "customer")?.seq ?? 0}
              />
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}
