// How the training in the background stands, in a line; what came of the last ones when it is opened.

import { ActionIcon, Button, Loader, Modal, Progress, Stack, Table, Text, ThemeIcon } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertTriangle, IconCircleCheck, IconHistory, IconPlayerPause } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { ApiError } from "../api/errors";
import { useFormats } from "../i18n/formats";
import { useComplain } from "../shared/complain";
import { TextLink } from "../shared/links";
import { WideTable } from "../shared/WideTable";
import { type Run, studio } from "./calls";
import { share, underWay } from "./progress";
import { trainingsQuery } from "./queries";
import classes from "./Studio.module.css";

export function TrainingStrip() {
  const t = useTranslations();
  const client = useQueryClient();
  const complain = useComplain();
  const trainings = useQuery(trainingsQuery);
  const [opened, dialog] = useDisclosure(false);
  const train = useMutation({
    mutationFn: studio.train,
    onError: complain,
    onSettled: () => client.invalidateQueries({ queryKey: trainingsQuery.queryKey }),
  });
  if (trainings.error instanceof ApiError && trainings.error.status === 404) {
    return (
      <Text size="xs" c="dimmed">
        {t("studio.training.none")}
      </Text>
    );
  }
  const runs = trainings.data?.runs ?? [];
  const [latest] = runs;
  return (
    <section className={classes.training} aria-label={t("studio.training.title")}>
      {latest && (
        <>
          <Standing run={latest} />
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={dialog.open}
            aria-haspopup="dialog"
            aria-label={t("studio.training.latest")}
          >
            <IconHistory size={16} />
          </ActionIcon>
        </>
      )}
      <Button
        size="compact-sm"
        variant="default"
        style={{ flexShrink: 0 }}
        loading={train.isPending}
        disabled={!trainings.data || underWay(latest)}
        onClick={() => train.mutate()}
      >
        {t("studio.training.now")}
      </Button>
      <Modal opened={opened} onClose={dialog.close} title={t("studio.training.latest")} size="xl">
        <Latest runs={runs} />
      </Modal>
    </section>
  );
}

const STEPS = ["fitting", "measuring"] as const;

/** The state of a training, told anew whenever it changes. */
function Standing({ run }: { run: Run }) {
  const t = useTranslations();
  const formats = useFormats();
  const known = STEPS.find((step) => step === run.step);
  const done = share(run);
  const tests = run.trained?.evaluation?.accuracy ?? null;
  const leftOut = run.trained?.left_out ?? null;
  if (underWay(run)) {
    return (
      <span className={classes.training}>
        <Loader size={16} aria-hidden />
        <span className={classes.bit}>
          <Text size="sm" fw={550} role="status">
            {t(`studio.training.states.${run.state}`)}
            {run.state === "training" && ` · ${t(`studio.training.steps.${known ?? "preparing"}`)}`}
          </Text>
          {done !== undefined && (
            <Progress value={done * 100} size={4} w={160} aria-label={t("studio.training.progress")} />
          )}
        </span>
      </span>
    );
  }
  const Icon = run.state === "served" ? IconCircleCheck : run.state === "kept" ? IconPlayerPause : IconAlertTriangle;
  const color = run.state === "served" ? "green" : run.state === "kept" ? "orange" : "red";
  return (
    <span className={classes.training}>
      <ThemeIcon size={22} radius="xl" variant="light" color={color} aria-hidden>
        <Icon size={14} />
      </ThemeIcon>
      <span className={classes.bit}>
        <Text size="sm" fw={550} role="status" data-state={run.state}>
          {t(`studio.training.states.${run.state}`)}
          {run.state === "served" && (tests ?? leftOut) !== null && (
            <Text span c="dimmed" size="sm">
              {" "}
              {tests !== null
                ? t("studio.training.right", { share: formats.percent(tests, 1) })
                : t("studio.list.leftOut", { share: formats.percent(leftOut, 1) })}
            </Text>
          )}
        </Text>
        {run.reason && (
          <Text size="xs" c={run.state === "failed" ? "var(--desk-bad)" : "dimmed"} lineClamp={1} maw={420}>
            {run.reason}
          </Text>
        )}
      </span>
    </span>
  );
}

function Latest({ runs }: { runs: readonly Run[] }) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t("studio.training.what")}
      </Text>
      <WideTable label={t("studio.training.latest")} minWidth={640} verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("studio.training.state")}</Table.Th>
            <Table.Th>{t("studio.training.when")}</Table.Th>
            <Table.Th ta="end">{t("studio.training.took")}</Table.Th>
            <Table.Th ta="end">{t("studio.training.tests")}</Table.Th>
            <Table.Th ta="end">{t("studio.training.before")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => {
            const { trained, started_at: from, ended_at: to } = run;
            return (
              <Table.Tr key={run.number}>
                <Table.Td maw={280}>
                  <Text size="sm" fw={550}>
                    {t(`studio.training.states.${run.state}`)}
                  </Text>
                  {run.reason && (
                    <Text size="xs" c="dimmed">
                      {run.reason}
                    </Text>
                  )}
                  {run.state === "kept" && (
                    <TextLink to="/models" size="xs">
                      {t("studio.training.promote")}
                    </TextLink>
                  )}
                  {trained && trained.passed_over.length > 0 && (
                    <Text size="xs" c="dimmed">
                      {t("studio.training.passedOver")} <bdi>{formats.list(trained.passed_over)}</bdi>
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  {formats.dateTime(run.asked_at)}
                  <Text size="xs" c="dimmed">
                    {t("studio.revision", { number: run.revision })}
                    {run.asked_by && (
                      <>
                        {" · "}
                        <bdi>{run.asked_by}</bdi>
                      </>
                    )}
                  </Text>
                </Table.Td>
                <Table.Td ta="end">
                  {from && to ? formats.duration((Date.parse(to) - Date.parse(from)) / 1000) : "–"}
                </Table.Td>
                <Table.Td ta="end">{formats.percent(trained?.evaluation?.accuracy ?? null, 1)}</Table.Td>
                <Table.Td ta="end">{formats.percent(trained?.before?.accuracy ?? null, 1)}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </WideTable>
    </Stack>
  );
}
