// The pack's revisions: who changed what and when, line by line, and how to take it back.

import { Alert, Badge, Button, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowBackUp, IconChevronDown, IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { useMessageOf } from "../shared/complain";
import { Page } from "../shared/Page";
import { EmptyState, ListSkeleton, Loaded } from "../shared/states";
import { useConfirm } from "../shared/useConfirm";
import { type Revision, studio } from "./calls";
import { diffLines } from "./diff";
import classes from "./History.module.css";
import { packQuery, revisionQuery, revisionsQuery } from "./queries";

export default function History() {
  const t = useTranslations();
  const revisions = useInfiniteQuery(revisionsQuery);
  const { data: pack } = useQuery(packQuery);
  const { revision: opened } = useSearch({ from: "/pages/studio/history" });
  const navigate = useNavigate();
  return (
    <Page title={t("studio.parts.history")}>
      {pack?.problem && <Alert color="orange">{pack.problem}</Alert>}
      <Loaded query={revisions} skeleton={<ListSkeleton />}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          return items.length === 0 ? (
            <EmptyState icon={IconHistory} title={t("studio.history.none")} />
          ) : (
            <Stack align="flex-start">
              <ul className={classes.revisions} aria-label={t("studio.parts.history")}>
                {items.map((revision, at) => (
                  <Entry
                    key={revision.number}
                    revision={revision}
                    current={at === 0}
                    opened={opened === revision.number}
                    toggle={() =>
                      void navigate({
                        to: "/studio/history",
                        search: opened === revision.number ? {} : { revision: revision.number },
                        replace: true,
                      })
                    }
                  />
                ))}
              </ul>
              {revisions.hasNextPage && (
                <Button
                  variant="default"
                  size="xs"
                  loading={revisions.isFetchingNextPage}
                  onClick={() => void revisions.fetchNextPage()}
                >
                  {t("studio.more")}
                </Button>
              )}
            </Stack>
          );
        }}
      </Loaded>
    </Page>
  );
}

const COLORS = { seed: "gray", edit: "gray", import: "indigo", undo: "orange" } as const;

interface Parts {
  revision: Revision;
  current: boolean;
  opened: boolean;
  toggle: () => void;
}

function Entry({ revision, current, opened, toggle }: Parts) {
  const t = useTranslations();
  const formats = useFormats();
  const { number, kind, message } = revision;
  return (
    <li className={classes.revision}>
      <UnstyledButton className={classes.head} onClick={toggle} aria-expanded={opened}>
        <span className={classes.number}>{formats.number(number)}</span>
        <span className={classes.what}>
          <Text size="sm" fw={550} span dir="auto">
            {message}
          </Text>
          <span className={classes.about}>
            <Text size="xs" c="dimmed" span>
              <bdi>{revision.author_name}</bdi> · {formats.dateTime(revision.at)}
            </Text>
            {kind !== "edit" && (
              <Badge variant="light" color={COLORS[kind]} tt="none" fw={550}>
                {t(`studio.history.kinds.${kind}`)}
              </Badge>
            )}
            {current && (
              <Badge variant="light" color="green" tt="none" fw={550}>
                {t("studio.history.current")}
              </Badge>
            )}
          </span>
        </span>
        <IconChevronDown size={16} style={{ transform: opened ? "rotate(180deg)" : undefined, flex: "none" }} />
      </UnstyledButton>
      {opened && <Opened revision={revision} />}
    </li>
  );
}

function Opened({ revision }: { revision: Revision }) {
  const t = useTranslations();
  const client = useQueryClient();
  const confirm = useConfirm();
  const messageOf = useMessageOf();
  const detail = useQuery(revisionQuery(revision.number));
  const undo = useMutation({
    mutationFn: () => studio.undo(revision.number),
    onSuccess: () => {
      notifications.show({ message: t("studio.history.undone", { number: revision.number }) });
      return client.invalidateQueries({ queryKey: ["studio"] });
    },
  });
  return (
    <div className={classes.opened}>
      {revision.parent !== null && (
        <Group justify="space-between" gap="xs" mb="sm">
          <Text size="xs" c="dimmed">
            {revision.undoes !== null && t("studio.history.undoes", { number: revision.undoes })}
          </Text>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconArrowBackUp size={15} />}
            loading={undo.isPending}
            onClick={() => confirm(t("studio.history.undo"), t("studio.history.undoWhy"), () => undo.mutate())}
          >
            {t("studio.history.undo")}
          </Button>
        </Group>
      )}
      {undo.error && (
        <Alert color="red" role="alert" mb="sm">
          {messageOf(undo.error)}
        </Alert>
      )}
      <Loaded query={detail} skeleton={<ListSkeleton rows={2} />}>
        {({ files }) =>
          revision.parent === null ? (
            <Text size="sm" c="dimmed">
              {t("studio.history.first", { count: files.length })}
            </Text>
          ) : (
            <Stack gap="md">
              {files.map(({ path, diff, change }) => (
                <Diff key={path} path={path} diff={diff} change={change} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </div>
  );
}

const SIGNS = { added: "+", removed: "−", kept: " ", gap: "⋯" } as const;

function Diff({ path, diff, change }: { path: string; diff: string; change: "added" | "changed" | "removed" }) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <div>
      <Group gap="xs" mb={4}>
        <Text size="sm" fw={600} ff="monospace">
          <bdi>{path}</bdi>
        </Text>
        {change !== "changed" && (
          <Badge size="sm" variant="light" color={change === "added" ? "green" : "red"} tt="none">
            {t(`studio.history.files.${change}`)}
          </Badge>
        )}
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section className={classes.diff} tabIndex={0} aria-label={t("studio.history.lines", { path })}>
        <table className={classes.lines} dir="ltr">
          <tbody>
            {diffLines(diff).map((line, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a diff never changes
              <tr key={at} data-kind={line.kind}>
                <td className={classes.place}>{line.before !== undefined && formats.number(line.before)}</td>
                <td className={classes.place}>{line.after !== undefined && formats.number(line.after)}</td>
                <td className={classes.sign}>{SIGNS[line.kind]}</td>
                <td className={classes.line} dir="auto">
                  {line.text}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
