import { Container, Group, Stack, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

/** A page that is read from top to bottom, with its title and what can be done. */
export function Page({ title, actions, wide = false, children }: Parts) {
  useDocumentTitle(`${title} · Babeldesk`);
  return (
    <Container size={wide ? 1600 : "lg"} py="lg">
      <Stack gap="xl">
        <Group justify="space-between">
          <Title order={1} size="h2">
            {title}
          </Title>
          {actions}
        </Group>
        {children}
      </Stack>
    </Container>
  );
}

interface Parts {
  title: string;
  actions?: ReactNode;
  /** Whether two things stand side by side on it. */
  wide?: boolean;
  children: ReactNode;
}
