import { Anchor, Badge, Button, Container, Group, Stack, Table, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useCallback, useEffect, useState } from "react";
import { Link } from "react-router";
import { api, type DeadLetter, type Failure } from "./api";
import { words } from "./words";

const REFRESH = 10_000;

export function Problems() {
  const [components, setComponents] = useState<Record<string, string | null>>({});
  const [letters, setLetters] = useState<DeadLetter[]>([]);
  const [failures, setFailures] = useState<Failure[]>([]);

  const load = useCallback(async () => {
    try {
      const [status, dead, failed] = await Promise.all([api.status(), api.deadLetters(), api.failures()]);
      setComponents(status.components);
      setLetters(dead.items);
      setFailures(failed.items);
    } catch (error) {
      notifications.show({ color: "red", message: error instanceof Error ? error.message : words.unreachable });
    }
  }, []);

  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), REFRESH);
    return () => clearInterval(timer);
  }, [load]);

  return (
    <Container size="lg" py="lg">
      <Stack gap="xl">
        <div>
          <Title order={2} mb="sm">
            {words.components}
          </Title>
          <Group>
            {Object.entries(components).map(([name, problem]) => (
              <Badge key={name} size="lg" variant="light" tt="none" color={problem ? "red" : "green"}>
                {name}: {problem ?? words.fine}
              </Badge>
            ))}
          </Group>
        </div>
        <div>
          <Title order={2} mb="sm">
            {words.deadLetters}
          </Title>
          {letters.length === 0 && <Text c="dimmed">{words.none}</Text>}
          <Table>
            <Table.Tbody>
              {letters.map((letter) => (
                <Table.Tr key={letter.message.id}>
                  <Table.Td>{letter.channel}</Table.Td>
                  <Table.Td maw={360}>
                    <Anchor component={Link} to={`/c/${letter.conversation}`} lineClamp={1} dir="auto">
                      {letter.message.text}
                    </Anchor>
                  </Table.Td>
                  <Table.Td c="red">{letter.error}</Table.Td>
                  <Table.Td ta="end">
                    <Button size="xs" variant="light" onClick={() => void api.retry(letter.message.id).then(load)}>
                      {words.retry}
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
        <div>
          <Title order={2} mb="sm">
            {words.failures}
          </Title>
          {failures.length === 0 && <Text c="dimmed">{words.none}</Text>}
          <Table>
            <Table.Tbody>
              {failures.map((failure) => (
                <Table.Tr key={failure.seq}>
                  <Table.Td>{new Date(failure.at).toLocaleString()}</Table.Td>
                  <Table.Td>{failure.channel}</Table.Td>
                  <Table.Td c="red">{failure.error}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      </Stack>
    </Container>
  );
}
