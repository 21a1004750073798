// One intent: what it means, its examples and replies language by language, and a bench to try it beside.

import { Stack } from "@mantine/core";
import { IconSchool } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { ApiError } from "../api/errors";
import { TextLink } from "../shared/links";
import { EmptyState, ListSkeleton, Loaded } from "../shared/states";
import { Editor } from "./Editor";
import { intentQuery } from "./queries";

export default function IntentPage() {
  const t = useTranslations();
  const { name } = useParams({ from: "/pages/studio/intents/$name" });
  const intent = useQuery(intentQuery(name));
  // It may also be taken out while it is open.
  if (intent.error instanceof ApiError && intent.error.status === 404) {
    return (
      <EmptyState icon={IconSchool} title={t("studio.intent.none", { name })} heading>
        <Stack align="center" gap={4}>
          <TextLink to="/studio">{t("studio.intent.toList")}</TextLink>
          <TextLink to="/studio/new" search={{ name }}>
            {t("studio.new.title")}
          </TextLink>
        </Stack>
      </EmptyState>
    );
  }
  return (
    <Loaded query={intent} skeleton={<ListSkeleton />}>
      {(found) => <Editor key={name} intent={found} />}
    </Loaded>
  );
}
