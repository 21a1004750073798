// A group of messages that mean about the same, and what can be made of it, or of one message that is selected.

import { Badge, Box, Button, Group, Kbd, Paper, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { type MouseEvent, useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import type { Decide, Doubt, DoubtGroup } from "../api/client";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { TextLink } from "../shared/links";
import { atLeast } from "../shared/roles";
import { tallied } from "./groups";
import classes from "./Review.module.css";

/** Messages of a group that is not open. */
const FEW = 3;

interface Card {
  group: DoubtGroup;
  open: boolean;
  /** Whether the selection is here, and of which message, if not of the group. */
  chosen: boolean;
  message: string | undefined;
  /** Whether the selection takes the focus with it. */
  reach: boolean;
  select: (message?: string) => void;
  toggle: () => void;
  decide: (verdict: Decide["verdict"], intent?: string) => void;
  ask: (dialog: "choose" | "new") => void;
}

export function GroupCard(card: Card) {
  const { group, chosen, message, reach, select } = card;
  const t = useTranslations();
  const here = useRef<HTMLLIElement>(null);
  const whole = chosen && message === undefined;
  useEffect(() => {
    if (whole && reach) {
      here.current?.focus();
    }
  }, [whole, reach]);
  return (
    <Paper
      component="li"
      ref={here}
      withBorder
      p="md"
      tabIndex={-1}
      className={classes.card ?? ""}
      aria-current={chosen || undefined}
      data-whole={whole || undefined}
      aria-label={t("review.group", { count: group.count, example: group.new_intent.example })}
      onClick={() => !chosen && select()}
    >
      <Stack gap="sm">
        <Facts group={group} />
        <Messages {...card} />
        <Verdicts {...card} />
      </Stack>
    </Paper>
  );
}

function Facts({ group }: { group: DoubtGroup }) {
  const t = useTranslations();
  const formats = useFormats();
  const { me } = useSession();
  const { words } = group.new_intent;
  const [likeliest] = group.likeliest;
  return (
    <Group gap="xs">
      <Text fw={650} size="sm">
        {t("review.messages", { count: group.count })}
      </Text>
      {Object.entries(group.languages).map(([code, count]) => (
        <Badge key={code} variant="light" color="teal" tt="none">
          {formats.language(code)} {formats.number(count)}
        </Badge>
      ))}
      {tallied(group.messages.map((one) => one.why)).map(([why, count]) => (
        <Badge key={why} variant="light" color="orange" tt="none">
          {t(`review.why.${why as Doubt["why"]}`)} {formats.number(count)}
        </Badge>
      ))}
      {words.length > 0 && (
        <Text size="xs" c="dimmed">
          {t("review.words")} <bdi>{formats.list(words)}</bdi>
        </Text>
      )}
      {likeliest && atLeast(me, "admin") && (
        <TextLink to="/studio/intents/$name" params={{ name: likeliest.name }} size="xs" ms="auto">
          {t("studio.lessons.toStudio", { intent: likeliest.name })}
        </TextLink>
      )}
    </Group>
  );
}

function Messages({ group, open, chosen, message, select, toggle }: Card) {
  const t = useTranslations();
  const shown = open ? group.messages : group.messages.slice(0, FEW);
  const single = group.count === 1;
  return (
    <Box>
      <ul className={classes.messages} aria-label={t("review.examples")}>
        {shown.map((one) => (
          <Line
            key={one.message}
            doubt={one}
            chosen={chosen && message === one.message}
            select={single || !open ? undefined : () => select(one.message)}
          />
        ))}
      </ul>
      {!single && (
        <UnstyledButton
          className={classes.more}
          aria-expanded={open}
          onClick={(event) => {
            event.stopPropagation();
            toggle();
          }}
        >
          {open ? t("review.fewer") : t("review.oneByOne")} <Kbd size="xs">e</Kbd>{" "}
          <IconChevronDown size={14} style={{ transform: open ? "rotate(180deg)" : undefined }} />
        </UnstyledButton>
      )}
      {open && group.count > group.messages.length && (
        <Text size="xs" c="dimmed">
          {t("review.unseen", { count: group.count - group.messages.length })}
        </Text>
      )}
    </Box>
  );
}

function Line({ doubt, chosen, select }: { doubt: Doubt; chosen: boolean; select: (() => void) | undefined }) {
  const t = useTranslations();
  const formats = useFormats();
  const here = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (chosen) {
      here.current?.focus();
    }
  }, [chosen]);
  const words = (
    <Text component="span" size="sm" dir="auto" lang={doubt.language} className={classes.said ?? ""}>
      {doubt.text}
    </Text>
  );
  return (
    <li className={classes.line} data-chosen={chosen || undefined}>
      {select ? (
        <UnstyledButton
          ref={here}
          className={classes.pick}
          aria-pressed={chosen}
          onClick={(event) => {
            event.stopPropagation();
            select();
          }}
        >
          {words}
        </UnstyledButton>
      ) : (
        words
      )}
      <Text size="xs" c="dimmed" component="span" className={classes.about ?? ""}>
        {formats.language(doubt.language)} · {t(`review.why.${doubt.why}`)} ·{" "}
        <TextLink to="/c/$id" params={{ id: doubt.conversation }} size="xs" underline="always">
          {formats.dateTime(doubt.at)}
        </TextLink>
      </Text>
    </li>
  );
}

function Verdicts({ group, chosen, message, decide, ask }: Card) {
  const t = useTranslations();
  const formats = useFormats();
  const on = (run: () => void) => (event: MouseEvent) => {
    event.stopPropagation();
    run();
  };
  const key = (name: string) => (chosen ? <Kbd size="xs">{name}</Kbd> : undefined);
  return (
    <Stack gap={6}>
      {message !== undefined && (
        <Text size="xs" fw={600}>
          {t("review.ofOne")}
        </Text>
      )}
      <Group gap="xs">
        {group.likeliest.map((one, place) => (
          <Button
            key={one.name}
            size="xs"
            variant="light"
            leftSection={key(`${place + 1}`)}
            onClick={on(() => decide("intent", one.name))}
          >
            <bdi>{one.name}</bdi>&nbsp;{formats.percent(one.confidence)}
          </Button>
        ))}
        <Button size="xs" variant="default" leftSection={key("i")} onClick={on(() => ask("choose"))}>
          {t("review.otherIntent")}
        </Button>
        <Button size="xs" variant="default" leftSection={key("n")} onClick={on(() => ask("new"))}>
          {group.new_intent.name ? t("review.newIntentNamed", { name: group.new_intent.name }) : t("review.newIntent")}
        </Button>
        <Button size="xs" variant="default" leftSection={key("o")} onClick={on(() => decide("out_of_scope"))}>
          {t("review.outOfScope")}
        </Button>
        <Button size="xs" variant="subtle" color="gray" leftSection={key("x")} onClick={on(() => decide("dismissed"))}>
          {t("review.dismiss")}
        </Button>
      </Group>
    </Stack>
  );
}
