// What the bot was unsure of, in groups, for people to say what was meant; by keyboard, a key each.

import { Button, Group, Menu, Pagination, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconArrowBackUp, IconCircleCheck, IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { type Decide, exportUrl, type Review as Found, type ReviewQuery } from "../api/client";
import { reviewQuery } from "../api/queries";
import { LOCALES } from "../i18n/locales";
import { useShortcut } from "../keys/Shortcuts";
import { ChannelFilter, LanguageFilter } from "../shared/filters";
import { Page } from "../shared/Page";
import { EmptyState, ListSkeleton, Loaded } from "../shared/states";
import { Dialogs } from "./Dialogs";
import { GroupCard } from "./GroupCard";
import { after, isOpen, moved, PAGE, type ReviewSearch, type Selected, type Selection, selected } from "./groups";
import { Latest } from "./Latest";
import { useVerdicts, type Verdicts } from "./useVerdicts";

const FORMS = ["jsonl", "rasa"] as const;

const queryOf = ({ language, channel, page = 1 }: ReviewSearch): ReviewQuery => ({
  offset: (page - 1) * PAGE,
  limit: PAGE,
  ...(language ? { language } : {}),
  ...(channel ? { channel } : {}),
});

export default function Review() {
  const t = useTranslations();
  const search = useSearch({ from: "/pages/review" });
  const navigate = useNavigate();
  const review = useQuery(reviewQuery(queryOf(search)));
  const verdicts = useVerdicts();
  useShortcut("undo", () => verdicts.undo());
  const change = (changed: ReviewSearch): void =>
    void navigate({ to: "/review", search: { ...search, page: undefined, ...changed }, replace: true });
  const { page = 1 } = search;

  // What was decided may have been all of the last page.
  const pages = review.data ? Math.ceil(review.data.total / PAGE) : undefined;
  const beyond = pages !== undefined && !review.isFetching && page > Math.max(1, pages);
  useEffect(() => {
    if (beyond) {
      void navigate({ to: "/review", search: { ...search, page: pages || undefined }, replace: true });
    }
  }, [beyond, navigate, search, pages]);

  const actions = (
    <Group gap="xs">
      <Button
        variant="default"
        leftSection={<IconArrowBackUp size={16} />}
        disabled={!verdicts.undoable}
        onClick={() => verdicts.undo()}
      >
        {t("review.undo")}
      </Button>
      <Menu position="bottom-end" withinPortal={false}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconDownload size={16} />}>
            {t("review.export")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {FORMS.map((format) => (
            <Menu.Item
              key={format}
              component="a"
              href={exportUrl("/api/v1/review/labels", { format, language: search.language })}
              download
            >
              {t(`review.formats.${format}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
  return (
    <Page title={t("navigation.review")} actions={actions}>
      <Stack gap="lg">
        <Text size="sm" c="dimmed" maw={720}>
          {t("review.what")}
        </Text>
        <SimpleGrid component="search" aria-label={t("review.filters")} cols={{ base: 1, xs: 2 }} maw={520}>
          <ChannelFilter value={search.channel} choose={(channel) => change({ channel })} />
          <LanguageFilter
            value={search.language}
            choose={(language) => change({ language })}
            known={[...(review.data?.groups.flatMap((group) => Object.keys(group.languages)) ?? []), ...LOCALES]}
          />
        </SimpleGrid>
        <Loaded query={review}>
          {(found) =>
            found.groups.length > 0 ? (
              <Groups found={found} verdicts={verdicts} key={page} />
            ) : review.isFetching || beyond ? (
              <ListSkeleton />
            ) : (
              <EmptyState icon={IconCircleCheck} title={t("review.nothing")}>
                {t("review.nothingHow")}
              </EmptyState>
            )
          }
        </Loaded>
        {pages !== undefined && pages > 1 && (
          <Pagination
            total={pages}
            value={page}
            onChange={(to) => change({ page: to > 1 ? to : undefined })}
            getControlProps={(control) => ({ "aria-label": t(`review.pages.${control}`) })}
            getItemProps={(to) => ({ "aria-label": t("review.page", { page: to }) })}
          />
        )}
      </Stack>
      <Latest undo={verdicts.undo} />
    </Page>
  );
}

function Groups({ found, verdicts }: { found: Found; verdicts: Verdicts }) {
  const t = useTranslations();
  const [selection, select] = useState<Selection>();
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [dialog, setDialog] = useState<"choose" | "new">();
  const now = selected(found.groups, selection);

  const decide = (target: Selected | undefined, verdict: Decide["verdict"], intent?: string): void => {
    if (target) {
      select(after(target));
      const messages = target.message ? [target.message.message] : target.group.ids;
      verdicts.decide({ messages, verdict, intent: intent ?? null });
    }
  };
  const likely = (place: number): void => {
    const intent = now?.group.likeliest[place]?.name;
    if (intent) {
      decide(now, "intent", intent);
    }
  };
  const move = (by: number): void => {
    // Nobody who has selected nothing yet wants the second.
    const first = selection === undefined && found.groups[0];
    select(first ? { group: first.id, at: 0 } : moved(found.groups, opened, selection, by));
  };
  const toggle = (target: Selected | undefined): void => {
    if (target) {
      const { group, at } = target;
      const others = new Set(opened);
      for (const id of group.ids) {
        isOpen(group, opened) ? others.delete(id) : others.add(id);
      }
      setOpened(others);
      select({ group: group.id, at });
    }
  };
  useShortcut("nextDoubt", () => move(1));
  useShortcut("previousDoubt", () => move(-1));
  useShortcut("unfold", () => toggle(now));
  useShortcut("likeliest", () => likely(0));
  useShortcut("second", () => likely(1));
  useShortcut("third", () => likely(2));
  useShortcut("otherIntent", () => setDialog("choose"));
  useShortcut("newIntent", () => setDialog("new"));
  useShortcut("outOfScope", () => decide(now, "out_of_scope"));
  useShortcut("dismiss", () => decide(now, "dismissed"));

  return (
    <>
      <Text size="sm" fw={600} role="status">
        {t("review.open", { count: found.open })}
        {found.open > found.grouped && ` · ${t("review.grouped", { count: found.grouped })}`}
      </Text>
      <Stack component="ul" gap="md" m={0} p={0} aria-label={t("review.groups")}>
        {found.groups.map((group, at) => {
          const chosen = now?.group.id === group.id;
          const target = chosen ? now : { group, message: undefined, at };
          return (
            <GroupCard
              key={group.id}
              group={group}
              open={isOpen(group, opened)}
              chosen={chosen}
              message={target.message?.message}
              // The page begins where it is read from, not where its first group stands.
              reach={selection !== undefined}
              select={(message) => select({ group: group.id, message, at })}
              toggle={() => toggle(target)}
              decide={(verdict, intent) => decide(target, verdict, intent)}
              ask={(which) => {
                select({ group: group.id, message: target.message?.message, at });
                setDialog(which);
              }}
            />
          );
        })}
      </Stack>
      {now && dialog && (
        <Dialogs
          which={dialog}
          group={now.group}
          message={now.message}
          intents={found.intents}
          onClose={() => setDialog(undefined)}
          decide={(verdict, intent) => decide(now, verdict, intent)}
        />
      )}
    </>
  );
}
