import { Badge, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { ApiError } from "../api/errors";
import { useFormats } from "../i18n/formats";
import { TextLink } from "../shared/links";
import { Section } from "../shared/Section";
import { Loaded } from "../shared/states";
import { WideTable } from "../shared/WideTable";
import { type Run, trainingQuery } from "./calls";

const COLORS: Record<Run["state"], string> = {
  waiting: "gray",
  training: "blue",
  served: "green",
  kept: "orange",
  failed: "red",
};

/** The console's own trainings, the latest: those that failed made no version, but are told here. */
export function Trainings() {
  const t = useTranslations();
  const trainings = useQuery(trainingQuery);
  if (trainings.error instanceof ApiError && trainings.error.status === 404) {
    return null; // this server's model cannot be trained
  }
  return (
    <Section title={t("models.trainings")} note={t("models.trainingsNote")}>
      <Loaded query={trainings}>
        {({ runs }) =>
          runs.length === 0 ? (
            <Text c="dimmed">{t("models.noTrainings")}</Text>
          ) : (
            <WideTable label={t("models.trainings")} minWidth={640}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("models.began")}</Table.Th>
                  <Table.Th>{t("models.madeBy")}</Table.Th>
                  <Table.Th>{t("models.outcome")}</Table.Th>
                  <Table.Th>{t("models.version")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {runs.map((run) => (
                  <Row key={run.number} run={run} />
                ))}
              </Table.Tbody>
            </WideTable>
          )
        }
      </Loaded>
    </Section>
  );
}

function Row({ run }: { run: Run }) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <Table.Tr>
      <Table.Td>{formats.dateTime(run.started_at ?? run.asked_at)}</Table.Td>
      <Table.Td>
        {run.asked_by ?? t("models.byChange")}
        <Text size="xs" c="dimmed">
          {t("models.revision", { number: run.revision })}
        </Text>
      </Table.Td>
      <Table.Td maw={420}>
        <Badge variant="light" tt="none" color={COLORS[run.state]}>
          {t(`models.trainingIs.${run.state}`)}
        </Badge>
        {run.reason && (
          <Text size="sm" mt={4} style={{ overflowWrap: "anywhere" }}>
            {run.reason}
          </Text>
        )}
        {run.step && run.total > 0 && (
          <Text size="sm" mt={4}>
            {formats.percent(run.done / run.total, 0)}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {run.trained ? (
          <TextLink to="/models/$version" params={{ version: run.trained.version }} size="sm">
            {run.trained.version}
          </TextLink>
        ) : (
          "–"
        )}
      </Table.Td>
    </Table.Tr>
  );
}
