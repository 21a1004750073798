// Above the list: the search, and what narrows the list.

import { ActionIcon, Button, CloseButton, Indicator, Loader, Pill, Popover, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconAdjustmentsHorizontal, IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { useShortcut } from "../keys/Shortcuts";
import classes from "./List.module.css";
import { FILTERS, type Filter } from "./lists";
import { useChannelName } from "./names";
import { SENTIMENTS } from "./Sentiment";
import type { InboxAddress } from "./useInboxAddress";

const FilterForm = lazy(() => import("./Filters"));

/** Milliseconds without a key after which what was typed is searched for. */
const TYPED = 250;

export function Find({ address }: { address: InboxAddress }) {
  const t = useTranslations();
  const [text, setText] = useState(address.q);
  const field = useRef<HTMLInputElement>(null);
  const asked = useRef(address.q);
  const find = useDebouncedCallback((q: string) => {
    asked.current = q;
    address.find(q);
  }, TYPED);
  useShortcut("search", () => field.current?.focus());

  // The address may change by itself: somebody goes back.
  useEffect(() => {
    if (address.q !== asked.current) {
      asked.current = address.q;
      setText(address.q);
    }
  }, [address.q]);

  const typed = (q: string): void => {
    setText(q);
    find(q.trim());
  };
  const narrowed = Object.keys(address.filters).length > 0;
  return (
    <div style={{ display: "flex", gap: 6 }}>
      <TextInput
        ref={field}
        flex={1}
        size="sm"
        role="searchbox"
        enterKeyHint="search"
        dir="auto"
        aria-label={t("inbox.search")}
        placeholder={t("inbox.search")}
        leftSection={<IconSearch size={16} />}
        rightSection={text && <CloseButton size="sm" aria-label={t("inbox.searchEnd")} onClick={() => typed("")} />}
        value={text}
        maxLength={500}
        onChange={(event) => typed(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            typed("");
            field.current?.blur();
          }
        }}
      />
      <Popover position="bottom-end" withArrow shadow="md" trapFocus>
        <Indicator disabled={!narrowed} size={9} offset={4}>
          <Popover.Target>
            <ActionIcon variant="default" size={36} aria-label={t("inbox.filters.title")}>
              <IconAdjustmentsHorizontal size={18} />
            </ActionIcon>
          </Popover.Target>
        </Indicator>
        <Popover.Dropdown aria-label={t("inbox.filters.title")}>
          <Suspense fallback={<Loader size="sm" />}>
            <FilterForm
              filters={address.filters}
              sort={address.listed.sort}
              onFilter={address.filter}
              onSort={address.sort}
            />
          </Suspense>
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}

/** What narrows the list, to be taken away again. */
export function Narrowed({ address }: { address: InboxAddress }) {
  const t = useTranslations();
  const formats = useFormats();
  const channelOf = useChannelName();
  const { filters } = address;
  const label = (name: Filter, value: string): string => {
    const felt = SENTIMENTS.find((one) => one === value);
    switch (name) {
      case "channel":
        return channelOf(value);
      case "language":
        return formats.language(value);
      case "sentiment":
        return felt ? t(`understood.sentiments.${felt}`) : value;
      default:
        return value;
    }
  };
  if (Object.keys(filters).length === 0) {
    return null;
  }
  return (
    <div className={classes.filters}>
      {FILTERS.flatMap((name) =>
        (filters[name] ?? []).map((value) => (
          <Pill
            key={`${name} ${value}`}
            size="sm"
            withRemoveButton
            removeButtonProps={{
              "aria-label": t("inbox.remove", { name: label(name, value) }),
              "aria-hidden": false,
              tabIndex: 0,
            }}
            onRemove={() => address.filter({ ...filters, [name]: filters[name]?.filter((one) => one !== value) ?? [] })}
          >
            {label(name, value)}
          </Pill>
        )),
      )}
      <Button size="compact-xs" variant="subtle" onClick={() => address.filter({})}>
        {t("inbox.filters.clear")}
      </Button>
    </div>
  );
}
