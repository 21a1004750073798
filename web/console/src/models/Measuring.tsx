import { Alert, Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { modelsQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { useComplain } from "../shared/complain";
import { type Measured, measure, measuredQuery } from "./calls";

/** Whether a version was measured on the pack's tests, how that goes, and the button that has it measured. */
export function Measuring({ measured }: { measured: Measured }) {
  const t = useTranslations();
  const formats = useFormats();
  const client = useQueryClient();
  const complain = useComplain();
  const { version, run, measured_at: at } = measured;
  const begin = useMutation({
    mutationFn: () => measure(version),
    onSuccess: (begun) =>
      client.setQueryData(measuredQuery(version).queryKey, (known) => known && { ...known, run: begun }),
    onError: complain,
  });
  const busy = run?.state === "waiting" || run?.state === "measuring";

  // What lists and comparisons say of it has changed when it is done.
  const before = useRef(at);
  useEffect(() => {
    if (before.current !== at) {
      before.current = at;
      void client.invalidateQueries({ queryKey: modelsQuery.queryKey });
    }
  }, [client, at]);

  const button = (
    <Button
      variant={at ? "default" : "filled"}
      size="xs"
      loading={begin.isPending}
      disabled={busy}
      onClick={() => begin.mutate()}
    >
      {at ? t("models.measureAgain") : t("models.measure")}
    </Button>
  );
  return (
    <Stack gap="sm">
      {run?.state === "failed" && (
        <Alert color="red" title={t("models.measureFailed", { name: version })} role="alert">
          {run.reason}
        </Alert>
      )}
      {at ? (
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {t("models.measuredAt", { count: measured.judgements.length, time: formats.dateTime(at) })}
          </Text>
          {button}
        </Group>
      ) : (
        <Alert color="blue" title={t("models.notMeasured", { name: version })}>
          <Stack gap="sm" align="flex-start">
            <Text size="sm">{t("models.notMeasuredWhy")}</Text>
            {button}
          </Stack>
        </Alert>
      )}
      {busy && (
        <Stack gap={4} role="status">
          <Text size="sm">
            {run.state === "waiting" ? t("models.measureWaits") : t("models.measuring", { name: version })}
          </Text>
          <Progress
            value={run.total > 0 ? (100 * run.done) / run.total : 0}
            animated
            striped
            aria-label={t("models.measuring", { name: version })}
          />
        </Stack>
      )}
    </Stack>
  );
}
