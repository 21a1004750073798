import { Alert, Anchor, Badge, Button, Container, Group, Progress, Stack, Table, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useCallback, useEffect, useState } from "react";
import { Link } from "react-router";
import { type Agreement, api, type Disagreement, type ModelVersion, type Models as State, type Verdict } from "./api";
import { languageName, percent, words } from "./words";

const REFRESH = 10_000;

const complain = (error: unknown): void => {
  notifications.show({ color: "red", message: error instanceof Error ? error.message : words.unreachable });
};

export function Models() {
  const [state, setState] = useState<State>();
  const [busy, setBusy] = useState(false);
  const load = useCallback(() => api.models().then(setState, complain), []);

  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), REFRESH);
    return () => clearInterval(timer);
  }, [load]);

  const change = async (call: () => Promise<State>): Promise<void> => {
    setBusy(true);
    try {
      setState(await call());
    } catch (error) {
      complain(error);
    } finally {
      setBusy(false);
    }
  };

  const confirm = (title: string, why: string, call: () => Promise<State>): void => {
    modals.openConfirmModal({
      title,
      children: <Text size="sm">{why}</Text>,
      labels: { confirm: title, cancel: words.cancel },
      onConfirm: () => void change(call),
    });
  };

  if (state === undefined) {
    return null;
  }
  const previous = state.previous;
  return (
    <Container size="lg" py="lg">
      <Stack gap="xl">
        {state.problem && (
          <Alert color="red" title={words.championProblem}>
            {state.problem}
          </Alert>
        )}
        {state.challenger_problem && (
          <Alert color="orange" title={words.challengerProblem}>
            {state.challenger_problem}
          </Alert>
        )}
        <div>
          <Group justify="space-between" mb="sm">
            <Title order={2}>{words.models}</Title>
            {previous && (
              <Button
                variant="default"
                disabled={busy}
                onClick={() => confirm(words.rollback, words.rollbackWhy(previous), api.rollbackModel)}
              >
                {words.rollback}
              </Button>
            )}
          </Group>
          {state.versions.length === 0 && <Text c="dimmed">{words.none}</Text>}
          <Table.ScrollContainer minWidth={760}>
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{words.version}</Table.Th>
                  <Table.Th>{words.kind}</Table.Th>
                  <Table.Th ta="end">{words.examples}</Table.Th>
                  <Table.Th ta="end">{words.languages}</Table.Th>
                  <Table.Th ta="end">{words.leftOut}</Table.Th>
                  <Table.Th />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {state.versions.map((version) => (
                  <Row
                    key={version.name}
                    version={version}
                    state={state}
                    busy={busy}
                    promote={() =>
                      confirm(words.promote, words.promoteWhy(version.name), () => api.promoteModel(version.name))
                    }
                    challenge={(on) => void change(() => api.challengeModel(on ? version.name : null))}
                  />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </div>
        {state.agreement && <AgreementPart agreement={state.agreement} />}
      </Stack>
    </Container>
  );
}

function Row({
  version,
  state,
  busy,
  promote,
  challenge,
}: {
  version: ModelVersion;
  state: State;
  busy: boolean;
  promote: () => void;
  challenge: (on: boolean) => void;
}) {
  const serves = version.name === state.champion;
  const shadows = version.name === state.challenger;
  const name = (
    <Table.Td>
      <Group gap="xs">
        <Text ff="monospace" size="sm">
          {version.name}
        </Text>
        {serves && (
          <Badge variant="light" tt="none" color="green">
            {words.serves}
          </Badge>
        )}
        {shadows && (
          <Badge variant="light" tt="none" color="grape">
            {words.inShadow}
          </Badge>
        )}
      </Group>
      {version.created_at && (
        <Text size="xs" c="dimmed">
          {new Date(version.created_at).toLocaleString()}
        </Text>
      )}
    </Table.Td>
  );
  if (version.problem) {
    return (
      <Table.Tr>
        {name}
        <Table.Td colSpan={5}>
          <Text size="sm" c="red">
            {version.problem}
          </Text>
        </Table.Td>
      </Table.Tr>
    );
  }
  return (
    <Table.Tr>
      {name}
      <Table.Td>{words.kinds[version.kind ?? ""] ?? version.kind}</Table.Td>
      <Table.Td ta="end">{version.examples}</Table.Td>
      <Table.Td ta="end" title={Object.keys(version.languages).map(languageName).join(", ")}>
        {Object.keys(version.languages).length}
      </Table.Td>
      <Table.Td ta="end">{percent(version.left_out)}</Table.Td>
      <Table.Td>
        {!serves && (
          <Group gap="xs" justify="flex-end" wrap="nowrap">
            <Button size="xs" variant="default" disabled={busy} onClick={() => challenge(!shadows)}>
              {shadows ? words.endChallenge : words.challenge}
            </Button>
            <Button size="xs" variant="light" disabled={busy} onClick={promote}>
              {words.promote}
            </Button>
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function AgreementPart({ agreement }: { agreement: Agreement }) {
  const { total } = agreement;
  const languages = Object.entries(agreement.by_language).sort(([, a], [, b]) => b.judged - a.judged);
  return (
    <div>
      <Title order={2} mb={4}>
        {words.agreement}
      </Title>
      <Text c="dimmed" size="sm" mb="md">
        {words.agreementIs}
      </Text>
      <Group gap="xl" mb="md">
        <Figure label={words.agreed} value={percent(total.share)} />
        <Figure label={words.compared} value={String(total.judged)} />
        <Figure label={words.failedOn} value={String(agreement.failed)} />
        <Figure label={words.dropped} value={String(agreement.dropped)} />
      </Group>
      {languages.length > 0 && (
        <Table mb="xl" maw={560}>
          <Table.Tbody>
            {languages.map(([code, tally]) => (
              <Table.Tr key={code}>
                <Table.Td>{languageName(code)}</Table.Td>
                <Table.Td w={220}>
                  <Progress value={(tally.share ?? 0) * 100} aria-label={words.agreementIn(languageName(code))} />
                </Table.Td>
                <Table.Td ta="end">{percent(tally.share)}</Table.Td>
                <Table.Td ta="end" c="dimmed">
                  {tally.judged}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Title order={3} mb="sm">
        {words.disagreements}
      </Title>
      {agreement.disagreements.length === 0 && <Text c="dimmed">{words.none}</Text>}
      {agreement.disagreements.length > 0 && (
        <Table.ScrollContainer minWidth={640}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{words.message}</Table.Th>
                <Table.Th>{words.serving}</Table.Th>
                <Table.Th>{words.shadowing}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {agreement.disagreements.map((one) => (
                <Difference key={one.message} one={one} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </div>
  );
}

function Difference({ one }: { one: Disagreement }) {
  return (
    <Table.Tr>
      <Table.Td maw={420}>
        <Anchor component={Link} to={`/c/${one.conversation}`} lineClamp={2} dir="auto" size="sm">
          {one.text}
        </Anchor>
      </Table.Td>
      <Table.Td>
        <VerdictText verdict={one.champion} />
      </Table.Td>
      <Table.Td>
        {one.challenger ? (
          <VerdictText verdict={one.challenger} />
        ) : (
          <Text size="sm" c="red">
            {one.error}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function VerdictText({ verdict }: { verdict: Verdict }) {
  return (
    <Text size="sm">
      {verdict.in_scope ? verdict.intent : words.outOfScope}{" "}
      <Text span c="dimmed" size="sm">
        {percent(verdict.confidence)}
      </Text>
    </Text>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="xl" fw={650}>
        {value}
      </Text>
    </div>
  );
}
