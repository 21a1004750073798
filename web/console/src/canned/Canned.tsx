// Replies that agents insert by their shortcut: one's own, and the shared ones, which supervisors write.

import { Badge, Button, Group, Table, Text, TextInput } from "@mantine/core";
import { IconMessage2Bolt, IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { removeCanned } from "../api/canned";
import type { Canned as Reply } from "../api/client";
import { cannedQuery } from "../api/queries";
import { useSession } from "../app/session";
import { useFormats } from "../i18n/formats";
import { Page } from "../shared/Page";
import { atLeast } from "../shared/roles";
import { EmptyState, Loaded } from "../shared/states";
import { useConfirm } from "../shared/useConfirm";
import { useSave } from "../shared/useSave";
import { WideTable } from "../shared/WideTable";
import { Edits } from "../teams/Edits";
import { CannedForm } from "./CannedForm";

export default function Canned() {
  const t = useTranslations();
  const query = useQuery(cannedQuery);
  const [editing, setEditing] = useState<Reply | "new">();
  const [asked, setAsked] = useState("");
  const q = asked.trim().toLowerCase();
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing("new")}>
      {t("canned.add")}
    </Button>
  );
  return (
    <Page title={t("navigation.canned")} actions={add}>
      <Text size="sm" c="dimmed">
        {t("canned.why")}
      </Text>
      <Loaded query={query}>
        {({ items, languages, variables }) => {
          const found = items.filter((reply) =>
            [reply.shortcut, ...Object.values(reply.texts)].some((text) => text.toLowerCase().includes(q)),
          );
          return (
            <>
              {items.length > 0 && (
                <TextInput
                  type="search"
                  aria-label={t("canned.search")}
                  placeholder={t("canned.search")}
                  leftSection={<IconSearch size={16} />}
                  maw={360}
                  value={asked}
                  onChange={(event) => setAsked(event.currentTarget.value)}
                />
              )}
              {found.length === 0 ? (
                <EmptyState icon={IconMessage2Bolt} title={items.length ? t("canned.nothing") : t("canned.none")} />
              ) : (
                <Replies replies={found} edit={setEditing} />
              )}
              {editing && (
                <CannedForm
                  reply={editing === "new" ? undefined : editing}
                  languages={languages}
                  variables={variables}
                  onClose={() => setEditing(undefined)}
                />
              )}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Replies({ replies, edit }: { replies: readonly Reply[]; edit: (reply: Reply) => void }) {
  const t = useTranslations();
  const locale = useLocale();
  const formats = useFormats();
  const { me } = useSession();
  const confirm = useConfirm();
  const save = useSave([cannedQuery.queryKey]);
  const shown = ({ texts }: Reply): [string, string] => {
    const code = [locale, locale.split("-")[0] ?? "", "en"].find((one) => one in texts) ?? Object.keys(texts)[0] ?? "";
    return [code, texts[code] ?? ""];
  };
  return (
    <WideTable label={t("navigation.canned")} minWidth={720}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("canned.shortcut")}</Table.Th>
          <Table.Th>{t("canned.text")}</Table.Th>
          <Table.Th>{t("canned.languages")}</Table.Th>
          <Table.Th>{t("canned.for")}</Table.Th>
          <Table.Td />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {replies.map((reply) => {
          const [code, text] = shown(reply);
          return (
            <Table.Tr key={reply.id}>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                <code dir="ltr">/{reply.shortcut}</code>
              </Table.Td>
              <Table.Td maw={360}>
                <Text size="sm" lineClamp={2} dir="auto" lang={code}>
                  {text}
                </Text>
              </Table.Td>
              <Table.Td>
                <Group gap={5}>
                  {Object.keys(reply.texts).map((one) => (
                    <Badge key={one} size="sm" variant="light" color="gray" tt="none" fw={600}>
                      {formats.language(one)}
                    </Badge>
                  ))}
                </Group>
              </Table.Td>
              <Table.Td>{reply.shared ? t("canned.shared") : t("canned.own")}</Table.Td>
              <Table.Td>
                {(!reply.shared || atLeast(me, "supervisor")) && (
                  <Edits
                    name={`/${reply.shortcut}`}
                    edit={() => edit(reply)}
                    remove={() =>
                      confirm(t("canned.remove"), t("canned.removeWhy", { name: reply.shortcut }), () =>
                        save.mutate(() => removeCanned(reply.id)),
                      )
                    }
                  />
                )}
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </WideTable>
  );
}
