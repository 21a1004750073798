import {
  Badge,
  Button,
  Container,
  Group,
  Modal,
  PasswordInput,
  Select,
  Stack,
  Table,
  TextInput,
  Title,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { type Account, api } from "./api";
import { words } from "./words";

const complain = (error: unknown): void => {
  notifications.show({ color: "red", message: error instanceof Error ? error.message : words.unreachable });
};

export function Users() {
  const [users, setUsers] = useState<Account[]>([]);
  const [editing, setEditing] = useState<Account | "new">();
  const load = useCallback(() => api.users().then(({ items }) => setUsers(items), complain), []);
  useEffect(() => void load(), [load]);

  const save = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    try {
      if (editing === "new") {
        await api.addUser({
          name: form.name ?? "",
          display_name: form.display_name || (form.name ?? ""),
          role: form.role ?? "agent",
          password: form.password ?? "",
        });
      } else if (editing) {
        await api.changeUser(editing.id, {
          ...(form.display_name ? { display_name: form.display_name } : {}),
          ...(form.role ? { role: form.role } : {}),
          ...(form.password ? { password: form.password } : {}),
        });
      }
      setEditing(undefined);
      await load();
    } catch (error) {
      complain(error);
    }
  };

  const known = editing === "new" ? undefined : editing;
  return (
    <Container size="md" py="lg">
      <Group justify="space-between" mb="md">
        <Title order={2}>{words.users}</Title>
        <Button onClick={() => setEditing("new")}>{words.addUser}</Button>
      </Group>
      <Table highlightOnHover>
        <Table.Tbody>
          {users.map((user) => (
            <Table.Tr key={user.id}>
              <Table.Td>{user.display_name}</Table.Td>
              <Table.Td c="dimmed">{user.name}</Table.Td>
              <Table.Td>
                <Badge variant="light" tt="none" color={user.role === "admin" ? "grape" : "blue"}>
                  {user.role}
                </Badge>
              </Table.Td>
              <Table.Td ta="end">
                <Button size="xs" variant="default" onClick={() => setEditing(user)}>
                  {words.changePassword}, {words.role.toLowerCase()}
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Modal
        opened={editing !== undefined}
        onClose={() => setEditing(undefined)}
        title={known?.display_name ?? words.addUser}
      >
        <form onSubmit={(event) => void save(event)}>
          <Stack>
            {!known && <TextInput name="name" label={words.name} required autoComplete="off" />}
            <TextInput name="display_name" label={words.displayName} defaultValue={known?.display_name ?? ""} />
            <Select
              name="role"
              label={words.role}
              data={["agent", "admin"]}
              defaultValue={known?.role ?? "agent"}
              allowDeselect={false}
            />
            <PasswordInput
              name="password"
              label={known ? words.newPassword : words.password}
              minLength={8}
              required={!known}
              autoComplete="new-password"
            />
            <Button type="submit">{words.save}</Button>
          </Stack>
        </form>
      </Modal>
    </Container>
  );
}

export function PasswordDialog({
  opened,
  onClose,
  onChanged,
}: {
  opened: boolean;
  onClose: () => void;
  onChanged: () => void;
}) {
  const save = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
    try {
      await api.changePassword(form.old ?? "", form.fresh ?? "");
      onChanged();
    } catch (error) {
      complain(error);
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title={words.changePassword}>
      <form onSubmit={(event) => void save(event)}>
        <Stack>
          <PasswordInput name="old" label={words.oldPassword} required autoComplete="current-password" />
          <PasswordInput name="fresh" label={words.newPassword} minLength={8} required autoComplete="new-password" />
          <Button type="submit">{words.save}</Button>
        </Stack>
      </form>
    </Modal>
  );
}
