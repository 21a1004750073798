// What a list or an editor shows while it has nothing to show: nothing there, not yet there, or not to be had.

import { Alert, Box, Button, Center, Group, Skeleton, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconAlertTriangle, IconRefresh } from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";
import { useTranslations } from "use-intl";
import { useMessageOf } from "./complain";

export function EmptyState({
  icon: Icon,
  title,
  heading = false,
  children,
}: {
  icon: ComponentType<{ size?: number; stroke?: number }>;
  title: string;
  /** Whether it is all that the page is about. */
  heading?: boolean;
  children?: ReactNode;
}) {
  return (
    <Center p="xl" h="100%" mih={160}>
      <Stack align="center" gap="xs" maw={320} ta="center">
        <ThemeIcon size={52} radius="xl" variant="light" color="gray" aria-hidden>
          <Icon size={26} stroke={1.5} />
        </ThemeIcon>
        <Text fw={600} component={heading ? "h1" : "p"} m={0}>
          {title}
        </Text>
        {children && (
          <Text size="sm" c="dimmed" component="div">
            {children}
          </Text>
        )}
      </Stack>
    </Center>
  );
}

export function LoadFailed({ error, retry }: { error: unknown; retry: () => void }) {
  const t = useTranslations();
  const messageOf = useMessageOf();
  return (
    <Box p="md">
      <Alert color="red" icon={<IconAlertTriangle />} title={t("states.failed")} role="alert">
        <Stack gap="sm" align="flex-start">
          <Text size="sm">{messageOf(error)}</Text>
          <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={retry}>
            {t("states.retry")}
          </Button>
        </Stack>
      </Alert>
    </Box>
  );
}

export function ListSkeleton({ rows = 6 }: { rows?: number }) {
  const t = useTranslations();
  return (
    <Stack p="md" gap="lg" role="status" aria-label={t("states.loading")}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <Group key={row} wrap="nowrap" align="flex-start">
          <Skeleton circle h={36} w={36} style={{ flex: "none" }} />
          <Stack gap={8} flex={1}>
            <Skeleton h={10} w="55%" />
            <Skeleton h={10} w="90%" />
          </Stack>
        </Group>
      ))}
    </Stack>
  );
}

interface Read<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** Shows what was read, and until then that it is being read, or why it cannot be. */
export function Loaded<T>({
  query,
  skeleton = <ListSkeleton />,
  children,
}: {
  query: Read<T>;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) {
    return children(query.data);
  }
  return query.error ? <LoadFailed error={query.error} retry={() => void query.refetch()} /> : skeleton;
}
