import { Badge, Button, Group, Table, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import type { Account } from "../api/client";
import { usersQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { Face } from "../shared/Face";
import { Page } from "../shared/Page";
import { Loaded } from "../shared/states";
import { WideTable } from "../shared/WideTable";
import { UserForm } from "./UserForm";

const COLORS = { viewer: "gray", agent: "blue", supervisor: "teal", admin: "grape" } as const;

export default function Users() {
  const t = useTranslations();
  const formats = useFormats();
  const [editing, setEditing] = useState<Account | "new">();
  const users = useQuery(usersQuery);
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing("new")}>
      {t("users.add")}
    </Button>
  );
  return (
    <Page title={t("navigation.users")} actions={add}>
      <Loaded query={users}>
        {({ items }) => (
          <WideTable label={t("navigation.users")} minWidth={480} highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("signIn.name")}</Table.Th>
                <Table.Th>{t("users.role")}</Table.Th>
                <Table.Td />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((user) => (
                <Table.Tr key={user.id}>
                  <Table.Td>
                    <Group gap="sm" wrap="nowrap">
                      <Face name={user.display_name} size={32} />
                      <div>
                        <Text size="sm" fw={600} dir="auto">
                          {user.display_name}
                        </Text>
                        <Text size="xs" c="dimmed" dir="auto">
                          {user.name}
                        </Text>
                      </div>
                    </Group>
                  </Table.Td>
                  <Table.Td>
                    <Group gap={6}>
                      <Badge variant="light" tt="none" color={COLORS[user.role]}>
                        {t(`users.roles.${user.role}`)}
                      </Badge>
                      {user.disabled_at && (
                        <Badge variant="light" tt="none" color="red">
                          {t("users.disabled", { time: formats.dateTime(user.disabled_at) })}
                        </Badge>
                      )}
                    </Group>
                  </Table.Td>
                  <Table.Td ta="end">
                    <Button
                      size="xs"
                      variant="default"
                      onClick={() => setEditing(user)}
                      aria-label={t("users.editOne", { name: user.display_name })}
                    >
                      {t("users.edit")}
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </WideTable>
        )}
      </Loaded>
      {editing && <UserForm user={editing === "new" ? undefined : editing} onClose={() => setEditing(undefined)} />}
    </Page>
  );
}
