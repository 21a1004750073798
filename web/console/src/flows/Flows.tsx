// The pack's flows as diagrams beside their YAML, and its other files in the same editor.

import { Badge, Box, Button, Group, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { ApiError } from "../api/errors";
import { useComplain } from "../shared/complain";
import { Page } from "../shared/Page";
import { Loaded } from "../shared/states";
import { type Clash, Conflict } from "./Conflict";
import { type Draft, draftQuery, type File, type Finding, fileQuery, type Pack, packQuery, save } from "./calls";
import { type FlowsSearch, marksIn, sortedFiles, typed } from "./drafts";
import { Findings } from "./Findings";
import { FlowPanel } from "./FlowPanel";
import classes from "./Flows.module.css";

const Editor = lazy(() => import("./Editor"));

/** Milliseconds without another key, after which what was typed is checked. */
const PAUSE = 450;

const START = "flows.yml";

export default function Flows() {
  const t = useTranslations();
  const pack = useQuery(packQuery);
  return (
    <Page title={t("navigation.flows")} wide>
      <Loaded query={pack}>{(found) => <Desk pack={found} />}</Loaded>
    </Page>
  );
}

function Desk({ pack }: { pack: Pack }) {
  const t = useTranslations();
  const search = useSearch({ from: "/pages/flows" });
  const navigate = useNavigate();
  const [drafts, setDrafts] = useState<readonly Draft[]>([]);
  const [goTo, setGoTo] = useState<{ line: number }>();
  const [checked] = useDebouncedValue(drafts, PAUSE);
  const paths = useMemo(() => sortedFiles(pack.files.map(({ path }) => path)), [pack]);
  const path = search.file && paths.includes(search.file) ? search.file : (paths[0] ?? START);
  const change = (changed: FlowsSearch): void =>
    void navigate({ to: "/flows", search: { ...search, ...changed }, replace: true });
  // What a file of replies says is what its flows are shown with.
  const locale = useLocale();
  const own = pack.languages.find((code) => locale === code || locale.startsWith(`${code}-`));
  const language = /^replies\/(.+)\.yml$/.exec(path)?.[1] ?? search.language ?? own;
  const draft = useQuery(draftQuery(checked, language));
  const findings = drafts.length > 0 ? (draft.data?.findings ?? []) : [];
  const waiting = checked !== drafts || draft.isFetching;
  const dirty = drafts.length > 0;
  useBlocker({
    shouldBlockFn: ({ next }) => dirty && next.pathname !== "/flows" && !window.confirm(t("flows.leave")),
    enableBeforeUnload: () => dirty,
  });
  const show = (finding: Finding): void => {
    change({ file: finding.file });
    setGoTo({ line: finding.line });
  };
  return (
    <Stack gap="lg">
      <Text size="sm" c="dimmed" maw={720}>
        {t("flows.what")}
      </Text>
      <div className={classes.both}>
        <Stack gap="sm" miw={0}>
          <Group align="end" gap="sm">
            <Select
              flex={1}
              miw={200}
              label={t("flows.file")}
              searchable
              allowDeselect={false}
              value={path}
              onChange={(file) => file && change({ file })}
              data={paths.map((value) => ({
                value,
                label: drafts.some((one) => one.path === value) ? `${value} •` : value,
              }))}
              nothingFoundMessage={t("flows.noFile")}
            />
          </Group>
          <Opened key={path} path={path} drafts={drafts} setDrafts={setDrafts} findings={findings} goTo={goTo} />
          <Findings findings={findings} path={path} waiting={dirty && waiting} dirty={dirty} show={show} />
          <Saving drafts={drafts} setDrafts={setDrafts} sound={!waiting && findings.length === 0} />
        </Stack>
        <Box miw={0}>
          <Loaded query={draft} skeleton={<Skeleton h={400} />}>
            {({ flows }) => (
              <FlowPanel
                flows={flows}
                pack={pack}
                language={language}
                search={search}
                change={change}
                stale={findings.length > 0}
              />
            )}
          </Loaded>
        </Box>
      </div>
    </Stack>
  );
}

interface Editing {
  drafts: readonly Draft[];
  setDrafts: (change: (drafts: readonly Draft[]) => readonly Draft[]) => void;
}

interface OpenedGiven extends Editing {
  path: string;
  findings: readonly Finding[];
  goTo: { line: number } | undefined;
}

function Opened({ path, ...rest }: OpenedGiven) {
  const file = useQuery(fileQuery(path));
  return (
    <Loaded query={file} skeleton={<Skeleton h={480} />}>
      {(found) => <Open file={found} path={path} {...rest} />}
    </Loaded>
  );
}

function Open({ file, path, drafts, setDrafts, findings, goTo }: OpenedGiven & { file: File }) {
  const t = useTranslations();
  const marks = useMemo(() => marksIn(findings, path), [findings, path]);
  const saved = { text: file.text ?? "", etag: file.etag };
  const mine = drafts.find((draft) => draft.path === path);
  return (
    <Suspense fallback={<Skeleton h={480} />}>
      <Editor
        // What was taken from elsewhere, or thrown away, begins anew.
        key={mine ? mine.etag : `${saved.etag} saved`}
        label={t("flows.editorOf", { file: path })}
        initial={mine?.text ?? saved.text}
        marks={marks}
        goTo={goTo}
        change={(text) => setDrafts((known) => typed(known, path, text, saved))}
      />
    </Suspense>
  );
}

function Saving({ drafts, setDrafts, sound }: Editing & { sound: boolean }) {
  const t = useTranslations();
  const client = useQueryClient();
  const complain = useComplain();
  const [message, setMessage] = useState("");
  const [clash, setClash] = useState<Clash>();
  const forget = useCallback(
    async (paths: readonly string[]): Promise<void> => {
      await Promise.all(paths.map((path) => client.invalidateQueries({ queryKey: fileQuery(path).queryKey })));
    },
    [client],
  );
  const saving = useMutation({
    mutationFn: (files: readonly Draft[]) => save(files, message),
    onSuccess: async (pack, files) => {
      client.setQueryData(packQuery.queryKey, pack);
      await forget(files.map(({ path }) => path));
      setDrafts((known) => known.filter((draft) => !files.includes(draft)));
      setMessage("");
      notifications.show({ color: "green", message: t("flows.saved", { revision: pack.revision.number }) });
    },
    onError: (error, files) => {
      const { body = {} } = error instanceof ApiError ? error : {};
      const mine = files.find(({ text }) => text === body.yours);
      if (error instanceof ApiError && error.status === 412 && mine) {
        const current = typeof body.current === "string" ? body.current : null;
        setClash({ path: mine.path, current, yours: mine.text, etag: `${body.etag}` });
      } else {
        complain(error);
      }
    },
  });
  const resolve = async (keep: boolean): Promise<void> => {
    if (clash) {
      await forget([clash.path]);
      setDrafts((known) =>
        keep
          ? known.map((draft) => (draft.path === clash.path ? { ...draft, etag: clash.etag } : draft))
          : known.filter((draft) => draft.path !== clash.path),
      );
      setClash(undefined);
    }
  };
  return (
    <Stack gap="sm">
      {clash && <Conflict clash={clash} takeTheirs={() => void resolve(false)} keepMine={() => void resolve(true)} />}
      {drafts.length > 0 && (
        <>
          <Group gap="xs">
            <Text size="sm">{t("flows.unsaved")}</Text>
            {drafts.map(({ path }) => (
              <Badge key={path} variant="light" tt="none" color="orange">
                {path}
              </Badge>
            ))}
          </Group>
          <TextInput
            label={t("flows.message")}
            value={message}
            maxLength={500}
            onChange={(event) => setMessage(event.currentTarget.value)}
          />
          <Group>
            <Button
              disabled={!sound || clash !== undefined}
              loading={saving.isPending}
              onClick={() => saving.mutate(drafts)}
            >
              {t("flows.save")}
            </Button>
            <Button
              variant="default"
              onClick={() => {
                setDrafts(() => []);
                setClash(undefined);
              }}
            >
              {t("flows.discard")}
            </Button>
          </Group>
        </>
      )}
    </Stack>
  );
}
