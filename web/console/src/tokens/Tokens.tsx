// Tokens with which scripts use the console's API: one's own, and as an admin everybody's.

import { Badge, Button, Group, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { IconApi, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, type Token } from "../api/client";
import { tokensQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { Page } from "../shared/Page";
import { atLeast } from "../shared/roles";
import { EmptyState, ListSkeleton, Loaded } from "../shared/states";
import { useConfirm } from "../shared/useConfirm";
import { useSave } from "../shared/useSave";
import { WideTable } from "../shared/WideTable";
import { TokenForm } from "./TokenForm";

export default function Tokens() {
  const t = useTranslations();
  const { me } = useSession();
  const admin = atLeast(me, "admin");
  const [whose, setWhose] = useState<"mine" | "all">("mine");
  const [making, setMaking] = useState(false);
  const tokens = useQuery(tokensQuery(whose === "all" ? whose : undefined));
  const make = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
      {t("tokens.make")}
    </Button>
  );
  return (
    <Page title={t("user.tokens")} actions={make}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t("tokens.why")}
        </Text>
        {admin && (
          <SegmentedControl
            aria-label={t("tokens.whose")}
            value={whose}
            onChange={(value) => setWhose(value === "all" ? "all" : "mine")}
            data={(["mine", "all"] as const).map((value) => ({ value, label: t(`tokens.${value}`) }))}
            style={{ alignSelf: "flex-start" }}
          />
        )}
        <Loaded query={tokens} skeleton={<ListSkeleton rows={2} />}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState icon={IconApi} title={t("tokens.none")} />
            ) : (
              <List items={items} named={whose === "all"} />
            )
          }
        </Loaded>
      </Stack>
      {making && <TokenForm onClose={() => setMaking(false)} />}
    </Page>
  );
}

function List({ items, named }: { items: readonly Token[]; named: boolean }) {
  const t = useTranslations();
  const formats = useFormats();
  const confirm = useConfirm();
  const save = useSave([["tokens"]]);
  return (
    <WideTable label={t("user.tokens")} minWidth={760}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("signIn.name")}</Table.Th>
          {named && <Table.Th>{t("tokens.user")}</Table.Th>}
          <Table.Th>{t("users.role")}</Table.Th>
          <Table.Th>{t("tokens.made")}</Table.Th>
          <Table.Th>{t("tokens.used")}</Table.Th>
          <Table.Th>{t("tokens.expires")}</Table.Th>
          <Table.Td />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((token) => (
          <Table.Tr key={token.id}>
            <Table.Td fw={600}>
              <bdi>{token.name}</bdi>
            </Table.Td>
            {named && (
              <Table.Td>
                <bdi>{token.user.name ?? token.user.id}</bdi>
              </Table.Td>
            )}
            <Table.Td>{t(`users.roles.${token.role}`)}</Table.Td>
            <Table.Td>{formats.dateTime(token.created_at)}</Table.Td>
            <Table.Td>{token.used_at ? formats.dateTime(token.used_at) : t("tokens.never")}</Table.Td>
            <Table.Td>
              <Group gap={6}>
                {token.expires_at ? formats.dateTime(token.expires_at) : t("tokens.never")}
                {token.expired && (
                  <Badge size="sm" variant="light" color="red" tt="none">
                    {t("tokens.expired")}
                  </Badge>
                )}
              </Group>
            </Table.Td>
            <Table.Td ta="end">
              <Button
                size="xs"
                variant="light"
                color="red"
                aria-label={t("tokens.revokeOne", { name: token.name })}
                onClick={() =>
                  confirm(t("tokens.revoke"), t("tokens.revokeWhy", { name: token.name }), () =>
                    save.mutate(() => api.revokeToken(token.id)),
                  )
                }
              >
                {t("tokens.revoke")}
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}
