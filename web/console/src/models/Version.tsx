// One version: what it was made from, what it makes of the pack's tests, and when the bot should answer with it.

import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconArrowsDiff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import type { Models, ModelVersion } from "../api/client";
import { modelsQuery } from "../api/queries";
import { TextLink } from "../shared/links";
import { Page } from "../shared/Page";
import { Loaded } from "../shared/states";
import { Confidence } from "./Confidence";
import { Confusions } from "./Confusions";
import { type Measured, measuredQuery } from "./calls";
import { besides } from "./compared";
import { Facts } from "./Facts";
import { Measuring } from "./Measuring";
import { Threshold } from "./Threshold";

export default function Version() {
  const t = useTranslations();
  const { version: name } = useParams({ from: "/pages/models/$version" });
  const models = useQuery(modelsQuery);
  const measured = useQuery(measuredQuery(name));
  const other = models.data && besides(models.data, name);
  const actions = other && (
    <Button
      variant="default"
      leftSection={<IconArrowsDiff size={16} />}
      renderRoot={(props) => <Link {...props} to="/models/compare" search={{ this: name, other }} />}
    >
      {t("models.compare")}
    </Button>
  );
  return (
    <Page title={t("models.versionOf", { name })} actions={actions}>
      <TextLink to="/models" size="sm">
        {t("models.all")}
      </TextLink>
      <Loaded query={models}>
        {(state) => {
          const version = state.versions.find((one) => one.name === name);
          return version ? (
            <Known version={version} state={state} measured={measured} />
          ) : (
            <Text>{t("models.unknown", { name })}</Text>
          );
        }}
      </Loaded>
    </Page>
  );
}

interface Parts {
  version: ModelVersion;
  state: Models;
  measured: { data: Measured | undefined; error: unknown; refetch: () => unknown };
}

function Known({ version, state, measured }: Parts) {
  const t = useTranslations();
  const serves = state.champion === version.name;
  const shadows = state.challenger === version.name;
  return (
    <Stack gap="xl">
      {(serves || shadows) && (
        <Group gap="xs">
          {serves && (
            <Badge variant="light" tt="none" color="green">
              {t("models.serves")}
            </Badge>
          )}
          {shadows && (
            <Badge variant="light" tt="none" color="grape">
              {t("models.inShadow")}
            </Badge>
          )}
        </Group>
      )}
      <Facts version={version} />
      <Loaded query={measured}>
        {(found) => (
          <>
            <Measuring measured={found} />
            {found.judgements.length > 0 && (
              <>
                <Threshold judgements={found.judgements} serves={serves} />
                <Confusions judgements={found.judgements} />
                <Confidence judgements={found.judgements} />
              </>
            )}
          </>
        )}
      </Loaded>
    </Stack>
  );
}
