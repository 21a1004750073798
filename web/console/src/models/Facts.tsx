import { Code, SimpleGrid, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import type { ModelVersion } from "../api/client";
import { useFormats } from "../i18n/formats";
import { TextLink } from "../shared/links";
import { useMaker } from "./useMaker";

/** Digits of a hash that tell data apart. */
export const SHORT = 12;

/** What a version was made from, by whom and when. */
export function Facts({ version }: { version: ModelVersion }) {
  const t = useTranslations();
  const formats = useFormats();
  const makerOf = useMaker();
  const languages = Object.entries(version.languages).sort(([, a], [, b]) => b - a);
  return (
    <Stack gap="md">
      <SimpleGrid component="dl" cols={{ base: 2, sm: 4 }} spacing="lg" m={0}>
        <Fact label={t("models.made")}>{version.created_at ? formats.dateTime(version.created_at) : "–"}</Fact>
        <Fact label={t("models.madeBy")}>{makerOf(version)}</Fact>
        <Fact label={t("models.kind")}>{version.kind ? t(`models.kinds.${version.kind}`) : "–"}</Fact>
        <Fact label={t("models.examples")}>{formats.number(version.examples)}</Fact>
        <Fact label={t("models.intents")}>{formats.number(version.intents)}</Fact>
        <Fact label={t("models.leftOut")}>{formats.percent(version.left_out, 1)}</Fact>
        <Fact label={t("models.onTests")}>{formats.percent(version.tests?.accuracy ?? null, 1)}</Fact>
        <Fact label={t("models.calibration")}>{formats.percent(version.calibration_error, 1)}</Fact>
        <Fact label={t("models.data")}>
          <Code title={version.data ?? undefined}>{version.data?.slice(0, SHORT) ?? "–"}</Code>
        </Fact>
        <Fact label={t("models.parent")}>
          {version.parent ? (
            <TextLink to="/models/$version" params={{ version: version.parent }} size="sm">
              {version.parent}
            </TextLink>
          ) : (
            "–"
          )}
        </Fact>
      </SimpleGrid>
      {languages.length > 0 && (
        <Text size="sm">
          {t("models.languages")}:{" "}
          {formats.list(languages.map(([code, count]) => `${formats.language(code)} ${formats.number(count)}`))}
        </Text>
      )}
    </Stack>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {label}
      </Text>
      <Text component="dd" m={0} style={{ overflowWrap: "anywhere" }}>
        {children}
      </Text>
    </div>
  );
}
