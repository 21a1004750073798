// Takes the pack along, and takes packs and examples in: first it is told what would change, then it is done.

import { Alert, Badge, Button, FileButton, Group, Select, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload, IconFileImport } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { useMessageOf } from "../shared/complain";
import { LANGUAGES } from "../shared/languages";
import { Page } from "../shared/Page";
import { Section } from "../shared/Section";
import { WideTable } from "../shared/WideTable";
import { type Finding, type Imported, studio } from "./calls";
import { intentsQuery } from "./queries";

export default function Exchange() {
  const t = useTranslations();
  return (
    <Page title={t("studio.parts.exchange")}>
      <Import />
      <Export />
    </Page>
  );
}

function Import() {
  const t = useTranslations();
  const formats = useFormats();
  const client = useQueryClient();
  const messageOf = useMessageOf();
  const [file, setFile] = useState<File>();
  const [language, setLanguage] = useState<string | null>(null);
  const reset = useRef<() => void>(null);
  const query = language ? { language } : {};
  const dry = useMutation({ mutationFn: (chosen: File) => studio.importFile(chosen, { ...query, dry_run: "1" }) });
  const done = useMutation({
    // Only upon what was shown: somebody may have changed the pack since.
    mutationFn: (chosen: File) => studio.importFile(chosen, { ...query, revision: dry.data?.revision ?? 1 }),
    onSuccess: (imported) => {
      if (imported.findings.length === 0) {
        notifications.show({ message: t("studio.exchange.imported", { number: imported.revision }), color: "green" });
        clear();
        return client.invalidateQueries({ queryKey: ["studio"] });
      }
      return undefined;
    },
  });
  const clear = (): void => {
    setFile(undefined);
    reset.current?.();
    dry.reset();
    done.reset();
  };
  const look = (chosen: File | null): void => {
    if (chosen) {
      setFile(chosen);
      done.reset();
      dry.mutate(chosen);
    }
  };
  const told = done.data ?? dry.data;
  const error = done.error ?? dry.error;
  const empty = told && told.files.length === 0 && told.findings.length === 0;
  return (
    <Section title={t("studio.exchange.import")} note={t("studio.exchange.importWhat")}>
      <Group gap="sm" align="flex-end">
        <Select
          label={t("studio.exchange.language")}
          description={t("studio.exchange.languageWhat")}
          placeholder={t("studio.exchange.byName")}
          searchable
          clearable
          clearButtonProps={{ "aria-label": t("studio.exchange.byName"), tabIndex: 0 }}
          value={language}
          onChange={setLanguage}
          data={LANGUAGES.map((value) => ({ value, label: formats.language(value) }))}
          nothingFoundMessage={t("figures.noneFound")}
          w={300}
        />
        <FileButton
          onChange={look}
          accept=".zip,.yml,.yaml"
          resetRef={reset}
          inputProps={{ "aria-label": t("studio.exchange.file") }}
        >
          {(props) => (
            <Button {...props} leftSection={<IconFileImport size={16} />} variant="light" loading={dry.isPending}>
              {t("studio.exchange.choose")}
            </Button>
          )}
        </FileButton>
      </Group>
      {error && (
        <Alert color="red" role="alert" title={file?.name}>
          {messageOf(error)}
        </Alert>
      )}
      {told && file && (
        <Stack gap="md" component="section" aria-label={t("studio.exchange.would", { file: file.name })} maw={860}>
          <Text fw={650}>{t("studio.exchange.would", { file: file.name })}</Text>
          {told.findings.length > 0 && (
            <Alert color="red" role="alert" title={t("studio.exchange.broken", { count: told.findings.length })}>
              <Findings findings={told.findings} />
            </Alert>
          )}
          {empty ? <Text c="dimmed">{t("studio.exchange.nothing")}</Text> : <Changes told={told} />}
          {told.notes.length > 0 && (
            <Alert color="gray" variant="light" title={t("studio.exchange.notes", { count: told.notes.length })}>
              <Findings findings={told.notes} />
            </Alert>
          )}
          <Group gap="xs">
            <Button
              disabled={told.findings.length > 0 || told.files.length === 0}
              loading={done.isPending}
              onClick={() => done.mutate(file)}
            >
              {t("studio.exchange.do")}
            </Button>
            <Button variant="default" onClick={() => look(file)} loading={dry.isPending}>
              {t("studio.exchange.again")}
            </Button>
            <Button variant="subtle" color="gray" onClick={clear}>
              {t("states.cancel")}
            </Button>
          </Group>
        </Stack>
      )}
    </Section>
  );
}

function Findings({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul style={{ margin: 0, paddingInlineStart: 18 }}>
      {findings.map(({ file, line, column, reason }) => (
        <li key={`${file}:${line}:${column}:${reason}`}>
          <Text size="sm">
            <Text span ff="monospace" size="xs">
              <bdi>
                {file}
                {line > 0 && `:${line}`}
                {column > 0 && `:${column}`}
              </bdi>
            </Text>{" "}
            <bdi>{reason}</bdi>
          </Text>
        </li>
      ))}
    </ul>
  );
}

function Changes({ told }: { told: Imported }) {
  const t = useTranslations();
  const formats = useFormats();
  const changed = (added: number, removed: number): string => `+${formats.number(added)} −${formats.number(removed)}`;
  return (
    <Stack gap="sm">
      {(
        [
          ["intents_added", "green"],
          ["intents_removed", "red"],
        ] as const
      ).map(
        ([key, color]) =>
          told[key].length > 0 && (
            <Group key={key} gap={6}>
              <Text size="sm">{t(`studio.exchange.${key}`)}</Text>
              {told[key].map((name) => (
                <Badge key={name} variant="light" color={color} tt="none">
                  {name}
                </Badge>
              ))}
            </Group>
          ),
      )}
      {told.examples.length > 0 && (
        <WideTable label={t("studio.kinds.examples")} minWidth={320} verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("studio.list.intent")}</Table.Th>
              <Table.Th>{t("inbox.language")}</Table.Th>
              <Table.Th ta="end">{t("studio.kinds.examples")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {told.examples.map((one) => (
              <Table.Tr key={`${one.intent}:${one.language}`}>
                <Table.Td>
                  <bdi>{one.intent}</bdi>
                </Table.Td>
                <Table.Td>{formats.language(one.language)}</Table.Td>
                <Table.Td ta="end">
                  <bdi>{changed(one.added, one.removed)}</bdi>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
      {told.files.length > 0 && (
        <WideTable label={t("studio.exchange.files")} minWidth={320} verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("studio.exchange.files")}</Table.Th>
              <Table.Th ta="end">{t("studio.exchange.lines")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {told.files.map((one) => (
              <Table.Tr key={one.path}>
                <Table.Td ff="monospace" fz="xs">
                  <bdi>{one.path}</bdi>
                </Table.Td>
                <Table.Td ta="end">
                  <bdi>{changed(one.added, one.removed)}</bdi>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </WideTable>
      )}
    </Stack>
  );
}

function Export() {
  const t = useTranslations();
  const formats = useFormats();
  const { data } = useQuery(intentsQuery);
  const taught = (data?.languages ?? []).filter((code) => data?.items.some((intent) => intent.examples[code]));
  return (
    <Section title={t("studio.exchange.export")} note={t("studio.exchange.exportWhat")}>
      <Group>
        <Button
          component="a"
          href="/api/v1/pack/export"
          download
          leftSection={<IconDownload size={16} />}
          variant="light"
        >
          {t("studio.exchange.whole")}
        </Button>
      </Group>
      <SimpleGrid cols={{ base: 2, xs: 3, sm: 5 }} spacing="xs" maw={860}>
        {taught.map((code) => (
          <Button
            key={code}
            component="a"
            href={`/api/v1/pack/export/${encodeURIComponent(code)}`}
            download
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} />}
          >
            {formats.language(code)}
          </Button>
        ))}
      </SimpleGrid>
    </Section>
  );
}
