import { Alert, Button, Center, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { type Account, api } from "../api/client";
import { ApiError } from "../api/errors";
import { LanguageSelect } from "./LanguageSelect";
import { Logo } from "./Logo";

function useProblem(error: unknown): string | undefined {
  const t = useTranslations();
  if (!error) {
    return undefined;
  }
  if (!(error instanceof ApiError)) {
    return t("states.unreachable");
  }
  if (error.status === 429) {
    return t("signIn.tooMany", { minutes: Math.ceil((error.retryAfter ?? 900) / 60) });
  }
  return error.signedOut ? t("signIn.wrong") : error.message;
}

/** `ended`: it comes up over a page whose session has ended. */
export function SignIn({
  ended = false,
  name: known = "",
  onSignedIn,
}: {
  ended?: boolean;
  name?: string;
  onSignedIn: (user: Account) => void;
}) {
  const t = useTranslations();
  const [name, setName] = useState(known);
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => api.signIn(name, password),
    onSuccess: onSignedIn,
    meta: { signsIn: true },
  });
  const problem = useProblem(signIn.error);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signIn.mutate();
  };

  return (
    <Center component="main" mih="100dvh" p="md" style={{ background: "var(--desk-canvas)" }}>
      <Stack w="100%" maw={400} gap="lg">
        <Paper component="form" onSubmit={submit} withBorder shadow="sm" radius="lg" p="xl">
          <Stack>
            <Group gap="sm">
              <Logo size={32} />
              <Title order={1} size="h2">
                Babeldesk
              </Title>
            </Group>
            {ended && <Text size="sm">{t("signIn.ended")}</Text>}
            {problem && (
              <Alert color="red" role="alert">
                {problem}
              </Alert>
            )}
            <TextInput
              label={t("signIn.name")}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              autoComplete="username"
              autoFocus={!known}
              required
            />
            <PasswordInput
              label={t("signIn.password")}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              autoComplete="current-password"
              autoFocus={known !== ""}
              visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }}
              required
            />
            <Button type="submit" loading={signIn.isPending}>
              {t("signIn.submit")}
            </Button>
          </Stack>
        </Paper>
        <LanguageSelect />
      </Stack>
    </Center>
  );
}
