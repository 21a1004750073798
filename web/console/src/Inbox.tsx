import { Box, Center, Drawer, Kbd, Modal, Table, Text } from "@mantine/core";
import { useDisclosure, useHotkeys, useInterval, useMediaQuery } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { type Account, api } from "./api";
import { Conversations } from "./Conversations";
import { ConversationView } from "./ConversationView";
import { Details } from "./Details";
import { inTab, ordered, type Tab, useDesk } from "./desk";
import type { LiveEvent } from "./live";
import { words } from "./words";

const TYPING_LASTS = 6_000;

/** Whether a key goes into a text or a dialog; one on a tab, which is a radio button, is still for the inbox. */
function isElsewhere(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("textarea, select, input:not([type=radio]), [role=dialog], [role=menu]") !== null
  );
}

export function Inbox({
  me,
  onSignedOut,
  onOnline,
}: {
  me: Account;
  onSignedOut: () => void;
  onOnline: (online: boolean) => void;
}) {
  const { id } = useParams();
  const navigate = useNavigate();
  const [tab, setTab] = useState<Tab>(() => (sessionStorage.getItem("tab") as Tab | null) ?? "waiting");
  const [next, setNext] = useState<string | null>(null);
  const [now, setNow] = useState(Date.now());
  const [help, helpOpen] = useDisclosure(false);
  const [details, detailsOpen] = useDisclosure(false);
  const wide = useMediaQuery("(min-width: 1200px)");
  const narrow = useMediaQuery("(max-width: 47.99em)");
  const field = useRef<HTMLTextAreaElement>(null);
  useInterval(() => setNow(Date.now()), 1_000, { autoInvoke: true });

  const notify = useCallback(
    (event: LiveEvent) => {
      if (event.type !== "changed" || document.visibilityState === "visible") {
        return;
      }
      const { conversation } = event.summary;
      const concerns = conversation.owner === "queue" || conversation.agent?.id === me.id;
      if (concerns && "Notification" in window && Notification.permission === "granted") {
        new Notification(conversation.customer?.name ?? words.unnamed, {
          body: event.summary.last?.text ?? "",
          tag: conversation.id,
        });
      }
    },
    [me.id],
  );

  const { state, online, load, openConversation, markRead } = useDesk(id, tab, onSignedOut, notify);

  useEffect(() => onOnline(online), [online, onOnline]);

  const complain = useCallback((error: unknown) => {
    notifications.show({ color: "red", message: error instanceof Error ? error.message : words.unreachable });
  }, []);

  useEffect(() => {
    sessionStorage.setItem("tab", tab);
    load(tab).then(setNext, complain);
  }, [tab, load, complain]);

  useEffect(() => {
    if (id) {
      openConversation(id).catch((error) => {
        complain(error);
        navigate("/");
      });
      markRead(id);
    }
  }, [id, openConversation, markRead, complain, navigate]);

  const all = useMemo(() => Object.values(state.summaries), [state.summaries]);
  const items = useMemo(
    () =>
      ordered(
        all.filter((s) => inTab(s, tab, me)),
        tab,
      ),
    [all, tab, me],
  );
  const waiting = all.filter((s) => inTab(s, "waiting", me)).length;
  const counts = { waiting, mine: all.filter((s) => inTab(s, "mine", me)).length };
  const summary = id ? state.summaries[id] : undefined;

  useEffect(() => {
    document.title = waiting ? `(${waiting}) ${words.product}` : words.product;
  }, [waiting]);

  const pick = useCallback((picked: string) => navigate(`/c/${picked}`), [navigate]);
  const step = (by: number): void => {
    const at = items.findIndex((s) => s.conversation.id === id);
    const target = items[at < 0 ? 0 : Math.max(0, Math.min(items.length - 1, at + by))];
    if (target) {
      pick(target.conversation.id);
    }
  };
  const act = (work: (id: string) => Promise<unknown>): void => {
    if (id) {
      // Who has the conversation now is told over the socket; after a refusal it is read again.
      work(id).catch((error) => {
        complain(error);
        void openConversation(id);
      });
    }
  };
  const actions = {
    claim: () =>
      act(async (c) => {
        await api.claim(c);
        setTimeout(() => field.current?.focus(), 100);
      }),
    giveBack: () => act(api.giveBack),
    close: () =>
      modals.openConfirmModal({
        title: words.closeSure,
        children: <Text size="sm">{words.closeWhy}</Text>,
        labels: { confirm: words.close, cancel: words.cancel },
        onConfirm: () => act(api.close),
      }),
  };
  const mine = summary?.conversation.owner === "agent" && summary.conversation.agent?.id === me.id;
  const claimable = summary && (summary.conversation.owner === "queue" || summary.conversation.owner === "bot");

  const keys: [string, () => void][] = [
    ["j", () => step(1)],
    ["k", () => step(-1)],
    ["c", () => claimable && actions.claim()],
    ["r", () => field.current?.focus()],
    ["b", () => mine && actions.giveBack()],
    ["x", () => mine && actions.close()],
    ["shift+?", helpOpen.open],
    ["?", helpOpen.open],
  ];
  useHotkeys(
    keys.map(([key, press]) => [
      key,
      (event) => {
        if (!isElsewhere(event.target)) {
          event.preventDefault();
          press();
        }
      },
      { preventDefault: false },
    ]),
    [],
  );

  const retry = (message: string): void => {
    api.retry(message).catch(complain);
  };
  const typing = id !== undefined && now - (state.typing[id] ?? 0) < TYPING_LASTS;
  const border = "1px solid var(--mantine-color-default-border)";
  return (
    <Box style={{ display: "flex", height: "calc(100dvh - 52px)" }}>
      {(!narrow || !id) && (
        <Box component="nav" w={narrow ? "100%" : 340} style={{ borderInlineEnd: border, flex: "none" }}>
          <Conversations
            tab={tab}
            onTab={setTab}
            items={items}
            counts={counts}
            selected={id}
            unread={state.unread}
            now={now}
            next={next}
            onMore={() => next && load(tab, next).then(setNext, complain)}
            onPick={pick}
          />
        </Box>
      )}
      {(!narrow || id) && (
        <Box component="main" flex={1} miw={0}>
          {summary && id ? (
            <ConversationView
              summary={summary}
              messages={state.histories[id] ?? []}
              me={me}
              typing={typing}
              actions={actions}
              field={field}
              onBack={() => navigate("/")}
              onDetails={detailsOpen.toggle}
              onRetry={retry}
              onError={complain}
            />
          ) : (
            <Center h="100%">
              <Text c="dimmed">{words.pick}</Text>
            </Center>
          )}
        </Box>
      )}
      {wide && summary && (
        <Box component="aside" w={280} style={{ borderInlineStart: border, flex: "none", overflowY: "auto" }}>
          <Details summary={summary} />
        </Box>
      )}
      <Drawer
        opened={details && !wide && summary !== undefined}
        onClose={detailsOpen.close}
        position="right"
        title={words.details}
      >
        {summary && <Details summary={summary} />}
      </Drawer>
      <Modal opened={help} onClose={helpOpen.close} title={words.shortcuts}>
        <Table withRowBorders={false}>
          <Table.Tbody>
            {words.keys.map(([key, what]) => (
              <Table.Tr key={key}>
                <Table.Td w={110}>
                  <Kbd>{key}</Kbd>
                </Table.Td>
                <Table.Td>{what}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Modal>
    </Box>
  );
}
