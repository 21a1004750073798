// The browsers in which one is signed in.

import { Badge, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { api } from "../api/client";
import { browsersQuery } from "../api/queries";
import { useFormats } from "../i18n/formats";
import { Page } from "../shared/Page";
import { ListSkeleton, Loaded } from "../shared/states";
import { useSave } from "../shared/useSave";
import { WideTable } from "../shared/WideTable";
import { browserName } from "./browser";

export default function Browsers() {
  const t = useTranslations();
  const formats = useFormats();
  const signOut = useSave([browsersQuery.queryKey]);
  return (
    <Page title={t("user.browsers")}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t("browsers.why")}
        </Text>
        <Loaded query={useQuery(browsersQuery)} skeleton={<ListSkeleton rows={2} />}>
          {({ items }) => (
            <WideTable label={t("user.browsers")} minWidth={640}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("browsers.browser")}</Table.Th>
                  <Table.Th>{t("browsers.since")}</Table.Th>
                  <Table.Th>{t("tokens.used")}</Table.Th>
                  <Table.Th>{t("browsers.until")}</Table.Th>
                  <Table.Td />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((one) => {
                  const name = browserName(one.browser) ?? (one.browser || t("browsers.unknown"));
                  return (
                    <Table.Tr key={one.id}>
                      <Table.Td title={one.browser}>
                        <Group gap={8}>
                          <Text size="sm" fw={600} dir="auto">
                            {name}
                          </Text>
                          {one.present && (
                            <Badge size="sm" variant="light" color="green" tt="none">
                              {t("browsers.present")}
                            </Badge>
                          )}
                        </Group>
                      </Table.Td>
                      <Table.Td>{formats.dateTime(one.signed_in_at)}</Table.Td>
                      <Table.Td>{formats.dateTime(one.used_at)}</Table.Td>
                      <Table.Td>{formats.dateTime(one.expires_at)}</Table.Td>
                      <Table.Td ta="end">
                        {!one.present && (
                          <Button
                            size="xs"
                            variant="light"
                            color="red"
                            disabled={signOut.isPending}
                            aria-label={t("browsers.signOutOne", { name })}
                            onClick={() => signOut.mutate(() => api.signOutBrowser(one.id))}
                          >
                            {t("user.signOut")}
                          </Button>
                        )}
                      </Table.Td>
                    </Table.Tr>
                  );
                })}
              </Table.Tbody>
            </WideTable>
          )}
        </Loaded>
      </Stack>
    </Page>
  );
}
