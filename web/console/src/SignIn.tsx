import { Alert, Button, Center, Paper, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Account, ApiError, api } from "./api";
import { words } from "./words";

export function SignIn({ onSignedIn }: { onSignedIn: (user: Account) => void }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const { user } = await api.signIn(name, password);
      onSignedIn(user);
    } catch (error) {
      if (!(error instanceof ApiError)) {
        setProblem(words.unreachable);
      } else if (error.status === 429) {
        setProblem(words.tooMany(error.retryAfter ?? 900));
      } else {
        setProblem(error.status === 401 ? words.wrong : error.message);
      }
    } finally {
      setBusy(false);
    }
  };

  return (
    <Center mih="100dvh" p="md">
      <Paper component="form" onSubmit={submit} withBorder shadow="md" radius="lg" p="xl" w={380}>
        <Stack>
          <Title order={1} size="h2">
            {words.product}
          </Title>
          {problem && (
            <Alert color="red" role="alert">
              {problem}
            </Alert>
          )}
          <TextInput
            label={words.name}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
            autoComplete="username"
            autoFocus
            required
          />
          <PasswordInput
            label={words.password}
            value={password}
            onChange={(e) => setPassword(e.currentTarget.value)}
            autoComplete="current-password"
            required
          />
          <Button type="submit" loading={busy}>
            {words.signIn}
          </Button>
        </Stack>
      </Paper>
    </Center>
  );
}
