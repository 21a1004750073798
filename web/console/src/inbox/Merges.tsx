// Who else this customer was found to be, and how to say so or to take it back.

import { Button, Group, Stack, Text } from "@mantine/core";
import { IconArrowBackUp, IconArrowMerge } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslations } from "use-intl";
import type { Profile } from "../api/client";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { atLeast } from "../shared/roles";
import { shortId } from "./customers";
import { Fact } from "./Fact";
import { useMerging } from "./useMerging";

const MergeDialog = lazy(() => import("./MergeDialog"));

export function Merges({ profile }: { profile: Profile }) {
  const t = useTranslations();
  const formats = useFormats();
  const { me } = useSession();
  const { undo } = useMerging();
  const [asking, setAsking] = useState(false);
  const may = atLeast(me, "agent");
  const standing = profile.merges.filter((merge) => merge.undone_at === null);
  if (!may && standing.length === 0) {
    return null;
  }
  return (
    <Fact label={t("merge.merges")}>
      <Stack gap={6} align="flex-start">
        {standing.map((merge) => (
          <Group key={merge.id} gap={6} justify="space-between" w="100%">
            <Text size="sm">
              <code>{shortId(merge.absorbed)}</code>{" "}
              <Text span size="xs" c="dimmed">
                {t("merge.by", { name: merge.by, time: formats.dateTime(merge.at) })}
              </Text>
            </Text>
            {may && (
              <Button
                size="compact-xs"
                variant="subtle"
                leftSection={<IconArrowBackUp size={14} />}
                loading={undo.isPending && undo.variables === merge.id}
                onClick={() => undo.mutate(merge.id)}
                aria-label={t("merge.undoOne", { name: merge.by, time: formats.dateTime(merge.at) })}
              >
                {t("merge.undo")}
              </Button>
            )}
          </Group>
        ))}
        {may && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconArrowMerge size={14} />}
            onClick={() => setAsking(true)}
          >
            {t("merge.open")}
          </Button>
        )}
      </Stack>
      {asking && (
        <Suspense>
          <MergeDialog profile={profile} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </Fact>
  );
}
