// Two versions side by side on the pack's tests.

import { Button, NativeSelect, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import type { Models } from "../api/client";
import { modelsQuery } from "../api/queries";
import { TextLink } from "../shared/links";
import { Page } from "../shared/Page";
import { ListSkeleton, Loaded, LoadFailed } from "../shared/states";
import { ChangedMessages } from "./Changed";
import { comparedQuery, measuredQuery } from "./calls";
import { besides, type CompareSearch } from "./compared";
import { Measuring } from "./Measuring";
import { Standings } from "./Standings";
import { usePromote } from "./usePromote";

export default function Compare() {
  const t = useTranslations();
  const models = useQuery(modelsQuery);
  return (
    <Page title={t("models.comparison")}>
      <TextLink to="/models" size="sm">
        {t("models.all")}
      </TextLink>
      <Loaded query={models}>{(state) => <Choice state={state} />}</Loaded>
    </Page>
  );
}

function Choice({ state }: { state: Models }) {
  const t = useTranslations();
  const search = useSearch({ from: "/pages/models/compare" });
  const navigate = useNavigate();
  const usable = state.versions.filter(({ problem }) => !problem).map(({ name }) => name);
  const mine = search.this ?? usable.find((name) => name !== state.champion);
  const other = search.other ?? besides(state, mine);
  const change = (changed: CompareSearch): void =>
    void navigate({ to: "/models/compare", search: { ...search, ...changed }, replace: true });
  const data = usable.map((name) => ({
    value: name,
    label: name === state.champion ? `${name} (${t("models.serves")})` : name,
  }));
  if (usable.length < 2 || !mine || !other) {
    return <Text c="dimmed">{t("models.oneVersion")}</Text>;
  }
  return (
    <Stack gap="xl">
      <SimpleGrid cols={{ base: 1, sm: 2 }} maw={720}>
        <NativeSelect
          label={t("models.thisVersion")}
          data={data}
          value={mine}
          onChange={(event) => change({ this: event.currentTarget.value, other })}
        />
        <NativeSelect
          label={t("models.otherVersion")}
          data={data}
          value={other}
          onChange={(event) => change({ this: mine, other: event.currentTarget.value })}
        />
      </SimpleGrid>
      {mine === other ? (
        <Text c="dimmed">{t("models.sameVersion")}</Text>
      ) : (
        <Both state={state} mine={mine} other={other} search={search} change={change} />
      )}
    </Stack>
  );
}

interface Given {
  state: Models;
  mine: string;
  other: string;
  search: CompareSearch;
  change: (changed: CompareSearch) => void;
}

/** Both have to be measured first. */
function Both(given: Given) {
  const { mine, other } = given;
  const queries = [useQuery(measuredQuery(mine)), useQuery(measuredQuery(other))];
  const failed = queries.find(({ error, data }) => error && !data);
  if (failed) {
    return <LoadFailed error={failed.error} retry={() => void failed.refetch()} />;
  }
  const found = queries.flatMap(({ data }) => data ?? []);
  if (found.length < 2) {
    return <ListSkeleton />;
  }
  const waiting = found.filter(({ measured_at, run }) => !measured_at || run?.state === "measuring");
  if (waiting.length > 0) {
    return (
      <Stack>
        {waiting.map((measured) => (
          <Measuring key={measured.version} measured={measured} />
        ))}
      </Stack>
    );
  }
  return <Measured {...given} at={found.map(({ measured_at }) => measured_at).join()} />;
}

function Measured({ state, mine, other, search, change, at }: Given & { at: string }) {
  const t = useTranslations();
  const compared = useQuery(comparedQuery({ this: mine, other }, at));
  const promote = usePromote();
  return (
    <Loaded query={compared}>
      {(found) => (
        <Stack gap="xl">
          <Standings compared={found} />
          {mine !== state.champion && (
            <Button style={{ alignSelf: "flex-start" }} loading={promote.busy} onClick={() => promote.ask(mine)}>
              {t("models.promoteOne", { name: mine })}
            </Button>
          )}
          <ChangedMessages compared={found} search={search} change={change} />
        </Stack>
      )}
    </Loaded>
  );
}
