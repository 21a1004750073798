// What a search has found: each conversation once, with the latest entry that has it.

import { Badge, Button, Text } from "@mantine/core";
import { IconSearchOff } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import type { Found } from "../api/client";
import { ApiError } from "../api/errors";
import { searchQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { Face } from "../shared/Face";
import { EmptyState, ListSkeleton, LoadFailed } from "../shared/states";
import { shortId } from "./customers";
import classes from "./Inbox.module.css";
import own from "./List.module.css";
import { type Filters, parseInboxSearch } from "./lists";
import { ChannelIcon, useCustomerName } from "./names";
import { pieces } from "./snippet";

export function useFound(q: string, filters: Filters) {
  return useInfiniteQuery({ ...searchQuery(q, filters), enabled: q !== "" });
}

export function Results({ query }: { query: ReturnType<typeof useFound> }) {
  const t = useTranslations();
  const found = query.data?.pages.flatMap((page) => page.items) ?? [];
  // Where there is no word in what was typed, nothing can be found.
  const wordless = query.error instanceof ApiError && query.error.field === "q";
  if (query.isPending && !query.error) {
    return <ListSkeleton />;
  }
  if (query.error && !wordless) {
    return <LoadFailed error={query.error} retry={() => void query.refetch()} />;
  }
  if (found.length === 0) {
    return <EmptyState icon={IconSearchOff} title={t("inbox.nothing")} />;
  }
  return (
    <div className={classes.scroll}>
      <ul className={classes.rows} aria-label={t("inbox.results")}>
        {found.map((one) => (
          <li key={one.item.conversation.id} style={{ padding: "1px 8px" }}>
            <Result found={one} />
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button
          fullWidth
          variant="subtle"
          size="xs"
          my="xs"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t("inbox.more")}
        </Button>
      )}
    </div>
  );
}

function Result({ found }: { found: Found }) {
  const t = useTranslations();
  const formats = useFormats();
  const nameOf = useCustomerName();
  const { conversation } = found.item;
  const name = nameOf(conversation.customer, conversation.channel);
  const { seq } = found;
  return (
    <Link
      to="/c/$id"
      params={{ id: conversation.id }}
      search={({ at: _, ...others }) => parseInboxSearch(seq === null ? others : { ...others, at: seq })}
      preload={false}
      className={classes.row}
      data-conversation={conversation.id}
      activeOptions={{ includeSearch: false }}
    >
      <div className={classes.face}>
        <Face name={conversation.customer?.name ?? shortId(conversation.customer?.id ?? "?")} size={38} />
        <div className={classes.channel}>
          <ChannelIcon channel={conversation.channel} size={12} />
        </div>
      </div>
      <div className={classes.words}>
        <div className={classes.line}>
          <Text fw={600} size="sm" truncate dir="auto">
            {seq === null ? <Snippet found={found} /> : name}
          </Text>
          <Text size="xs" c="dimmed" style={{ flex: "none" }}>
            {formats.dateTime(conversation.updated_at)}
          </Text>
        </div>
        {seq !== null && (
          <Text size="sm" c="dimmed" lineClamp={2} dir="auto">
            <Snippet found={found} />
          </Text>
        )}
        {found.entries > 1 && (
          <Badge size="sm" variant="light" color="gray" tt="none" mt={4}>
            {t("inbox.entries", { count: found.entries })}
          </Badge>
        )}
      </div>
    </Link>
  );
}

function Snippet({ found }: { found: Found }) {
  return (
    <span className={own.snippet}>
      {pieces(found.snippet).map(({ text, marked, start }) => (marked ? <mark key={start}>{text}</mark> : text))}
    </span>
  );
}
