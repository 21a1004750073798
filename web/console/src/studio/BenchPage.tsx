// The bench as a page of its own.

import { Paper, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRef } from "react";
import { useTranslations } from "use-intl";
import { useShortcut } from "../keys/Shortcuts";
import { Page } from "../shared/Page";
import { Bench } from "./Bench";

export default function BenchPage() {
  const t = useTranslations();
  const { text } = useSearch({ from: "/pages/studio/bench" });
  const navigate = useNavigate();
  const field = useRef<HTMLTextAreaElement>(null);
  useShortcut("tryOut", () => field.current?.focus());
  return (
    <Page title={t("studio.parts.bench")}>
      <Text size="sm" c="dimmed" maw={720} mt={-20}>
        {t("studio.bench.what")}
      </Text>
      <Paper withBorder p="lg" maw={720}>
        <Bench
          field={field}
          heading={false}
          first={text}
          tried={(wanted) => void navigate({ to: "/studio/bench", search: { text: wanted }, replace: true })}
        />
      </Paper>
    </Page>
  );
}
