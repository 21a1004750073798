import { Badge, Group, Progress, Stack, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { SENTIMENTS } from "../inbox/Sentiment";
import { TextLink } from "../shared/links";
import classes from "./Bench.module.css";
import { stretches } from "./bench";
import type { Tried } from "./calls";

/** Intents that are shown, the likeliest first. */
const SHOWN = 5;

const COLORS: Record<Tried["does"], string> = {
  answers: "green",
  starts_flow: "indigo",
  clarifies: "yellow",
  rephrases: "orange",
  hands_over: "orange",
  sets_language: "gray",
  nothing: "gray",
};

export function TriedResult({ tried }: { tried: Tried }) {
  const t = useTranslations();
  const formats = useFormats();
  const { understanding } = tried;
  const felt = SENTIMENTS.find((name) => name === understanding.sentiment?.label);
  return (
    <Stack gap="md">
      <Stack gap={6}>
        <Group gap={6}>
          <Badge variant="light" color="teal" tt="none" fw={550}>
            {formats.language(understanding.language.code)} {formats.percent(understanding.language.confidence)}
          </Badge>
          {felt && felt !== "neutral" && (
            <Badge variant="light" color="gray" tt="none" fw={550}>
              {t(`understood.sentiments.${felt}`)}
            </Badge>
          )}
        </Group>
        <Text size="sm" dir="auto" className={classes.text ?? ""}>
          {stretches(tried.text, understanding.entities).map(({ text, found, start }) =>
            found ? (
              <mark key={start} className={classes.mark} data-entity={found.entity} title={found.value}>
                {text}
              </mark>
            ) : (
              <span key={start}>{text}</span>
            ),
          )}
        </Text>
      </Stack>
      <Stack
        gap={5}
        component="ol"
        m={0}
        p={0}
        className={classes.ranking ?? ""}
        aria-label={t("studio.bench.intents")}
      >
        {understanding.ranking.slice(0, SHOWN).map(({ name, confidence }, place) => (
          <li key={name} data-first={place === 0 || undefined}>
            <Group gap="xs" justify="space-between" wrap="nowrap">
              {name === "out_of_scope" ? (
                <Text size="sm">{t("understood.outOfScope")}</Text>
              ) : (
                <TextLink to="/studio/intents/$name" params={{ name }} size="sm" fw={place === 0 ? 650 : 400} truncate>
                  {name}
                </TextLink>
              )}
              <Text size="sm" className={classes.figure ?? ""}>
                {formats.percent(confidence)}
              </Text>
            </Group>
            <Progress value={confidence * 100} size={6} color={place === 0 ? "indigo" : "gray.5"} aria-label={name} />
          </li>
        ))}
      </Stack>
      <Stack gap={4} role="status">
        <Group gap={6}>
          <Badge variant="light" color={COLORS[tried.does]} tt="none" fw={600}>
            {t(`studio.bench.does.${tried.does}`)}
          </Badge>
          {tried.flow && (
            <Text size="xs" c="dimmed">
              <bdi>{tried.flow}</bdi>
            </Text>
          )}
        </Group>
        <Text size="xs" c="dimmed">
          {t("studio.bench.why")} <bdi>{tried.why}</bdi>
        </Text>
        {tried.answer_from !== null && (
          <Text size="xs" c="dimmed">
            {t("studio.bench.from", {
              answer: formats.percent(tried.answer_from),
              clarify: formats.percent(tried.clarify_from),
            })}
          </Text>
        )}
      </Stack>
      {tried.says.length > 0 && (
        <Stack gap="xs" component="section" aria-label={t("studio.bench.says")}>
          {tried.says.map((said, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the order is all that they have
            <div key={at} className={classes.said} data-internal={said.internal || undefined}>
              {said.internal && (
                <Text size="xs" c="dimmed" mb={2}>
                  <IconLock size={11} aria-hidden /> {t("inbox.internal")}
                </Text>
              )}
              <Text size="sm" dir="auto" lang={tried.language} className={classes.text ?? ""}>
                {said.text}
              </Text>
              {said.buttons.length > 0 && (
                <Group gap={6} mt={8}>
                  {said.buttons.map((button) => (
                    <span key={button.value} className={classes.button} dir="auto" title={button.value}>
                      {button.label}
                    </span>
                  ))}
                </Group>
              )}
            </div>
          ))}
        </Stack>
      )}
      <Text size="xs" c="dimmed">
        {t("studio.bench.with", { number: tried.revision })}
      </Text>
    </Stack>
  );
}
