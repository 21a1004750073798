// Examples that are the same, and examples of different intents that the model can hardly tell apart.

import { Badge, Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { TextLink } from "../shared/links";
import { Section } from "../shared/Section";
import { ListSkeleton, Loaded } from "../shared/states";
import type { Duplicates, Place } from "./calls";
import classes from "./Problems.module.css";
import { duplicatesQuery } from "./queries";

/** Pairs that are shown before somebody asks for all. */
const FEW = 8;

export function Problems() {
  const t = useTranslations();
  return (
    <Section title={t("studio.problems.title")} note={t("studio.problems.what")}>
      <Loaded query={useQuery(duplicatesQuery)} skeleton={<ListSkeleton rows={2} />}>
        {(found) => <Pairs found={found} />}
      </Loaded>
    </Section>
  );
}

function Pairs({ found }: { found: Duplicates }) {
  const t = useTranslations();
  const formats = useFormats();
  const [all, setAll] = useState(false);
  const pairs = [
    ...found.exact.map(({ places }) => ({ places, similarity: undefined })),
    ...found.near.map(({ one, other, similarity }) => ({ places: [one, other], similarity })),
  ];
  const shown = all ? pairs : pairs.slice(0, FEW);
  return (
    <Stack gap="xs" align="flex-start">
      {found.problem && (
        <Text size="sm" c="dimmed">
          {t("studio.problems.unknown", { reason: found.problem })}
        </Text>
      )}
      {pairs.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("studio.problems.none")}
        </Text>
      ) : (
        <ul className={classes.pairs} aria-label={t("studio.problems.title")}>
          {shown.map(({ places, similarity }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they are read anew as a whole
            <li key={at} className={classes.pair}>
              <Badge
                variant="light"
                color={similarity === undefined ? "orange" : "gray"}
                tt="none"
                fw={550}
                className={classes.kind ?? ""}
              >
                {similarity === undefined
                  ? t("studio.problems.same")
                  : t("studio.problems.near", { share: formats.percent(similarity) })}
              </Badge>
              <div className={classes.places}>
                {places.map((place) => (
                  <Where key={`${place.file}:${place.line}`} place={place} />
                ))}
              </div>
            </li>
          ))}
        </ul>
      )}
      {pairs.length > FEW && (
        <Button size="xs" variant="default" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? t("studio.fewer") : t("studio.problems.all", { count: pairs.length })}
        </Button>
      )}
    </Stack>
  );
}

function Where({ place }: { place: Place }) {
  const formats = useFormats();
  return (
    <div className={classes.where}>
      <TextLink
        to="/studio/intents/$name"
        params={{ name: place.intent }}
        search={{ language: place.language, example: place.text }}
        size="sm"
        dir="auto"
        lineClamp={1}
        title={`${place.file}:${place.line}`}
      >
        {place.text}
      </TextLink>
      <Text size="xs" c="dimmed" className={classes.of ?? ""}>
        <bdi>{place.intent}</bdi> · {formats.language(place.language)}
      </Text>
    </div>
  );
}
