import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** A part of a page with its title, and what can be said of it in a sentence. */
export function Section({ title, note, info, children }: Parts) {
  return (
    <Stack component="section" gap="sm">
      <div>
        <Group gap={4}>
          <Title order={2} size="h4">
            {title}
          </Title>
          {info}
        </Group>
        {note && (
          <Text size="sm" c="dimmed" maw={720}>
            {note}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  );
}

interface Parts {
  title: string;
  note?: string;
  info?: ReactNode;
  children: ReactNode;
}
