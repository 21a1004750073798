import { Badge, Button, Group, Table, Text } from "@mantine/core";
import { IconBrain } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import type { Models, ModelVersion } from "../api/client";
import { useFormats } from "../i18n/formats";
import { TextLink } from "../shared/links";
import { EmptyState } from "../shared/states";
import { WideTable } from "../shared/WideTable";
import { useMaker } from "./useMaker";

interface Doing {
  state: Models;
  busy: boolean;
  promote: (version: string) => void;
  /** Null ends the challenge. */
  challenge: (version: string | null) => void;
}

export function Versions(doing: Doing) {
  const t = useTranslations();
  const { versions } = doing.state;
  if (versions.length === 0) {
    return <EmptyState icon={IconBrain} title={t("models.none")} />;
  }
  return (
    <WideTable label={t("navigation.models")} minWidth={900} highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("models.version")}</Table.Th>
          <Table.Th>{t("models.madeBy")}</Table.Th>
          <Table.Th ta="end">{t("models.examples")}</Table.Th>
          <Table.Th ta="end">{t("models.languages")}</Table.Th>
          <Table.Th ta="end">{t("models.leftOut")}</Table.Th>
          <Table.Th ta="end">{t("models.onTests")}</Table.Th>
          <Table.Td />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {versions.map((version) => (
          <Row key={version.name} version={version} {...doing} />
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function Name({ version, state }: { version: ModelVersion; state: Models }) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <Table.Td miw={190}>
      <Group gap="xs">
        <TextLink
          to="/models/$version"
          params={{ version: version.name }}
          fw={600}
          size="sm"
          style={{ whiteSpace: "nowrap" }}
        >
          {version.name}
        </TextLink>
        {state.champion === version.name && (
          <Badge variant="light" tt="none" color="green" style={{ flexShrink: 0 }}>
            {t("models.serves")}
          </Badge>
        )}
        {state.challenger === version.name && (
          <Badge variant="light" tt="none" color="grape" style={{ flexShrink: 0 }}>
            {t("models.inShadow")}
          </Badge>
        )}
      </Group>
      {version.created_at && (
        <Text size="xs" c="dimmed">
          {formats.dateTime(version.created_at)}
        </Text>
      )}
    </Table.Td>
  );
}

function Row({ version, state, busy, promote, challenge }: Doing & { version: ModelVersion }) {
  const t = useTranslations();
  const makerOf = useMaker();
  const formats = useFormats();
  if (version.problem) {
    return (
      <Table.Tr>
        <Name version={version} state={state} />
        <Table.Td colSpan={6}>
          <Text size="sm" c="var(--desk-bad)">
            {version.problem}
          </Text>
        </Table.Td>
      </Table.Tr>
    );
  }
  const languages = Object.keys(version.languages);
  const shadows = state.challenger === version.name;
  return (
    <Table.Tr>
      <Name version={version} state={state} />
      <Table.Td>
        <Text size="sm">{makerOf(version)}</Text>
        <Text size="xs" c="dimmed">
          {version.kind && t(`models.kinds.${version.kind}`)}
        </Text>
      </Table.Td>
      <Table.Td ta="end">
        {formats.number(version.examples)}
        {version.data && (
          <Text size="xs" c="dimmed" ff="monospace" title={t("models.dataOf", { hash: version.data })}>
            {version.data.slice(0, 8)}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="end" title={formats.list(languages.map(formats.language))}>
        {formats.number(languages.length)}
      </Table.Td>
      <Table.Td ta="end">{formats.percent(version.left_out, 1)}</Table.Td>
      <Table.Td ta="end">{formats.percent(version.tests?.accuracy ?? null, 1)}</Table.Td>
      <Table.Td>
        {state.champion !== version.name && (
          <Group gap="xs" justify="flex-end" wrap="nowrap">
            {state.champion && (
              <Button
                size="xs"
                variant="default"
                renderRoot={(props) => (
                  <Link
                    {...props}
                    to="/models/compare"
                    search={{ this: version.name, other: state.champion ?? undefined }}
                    aria-label={t("models.compareOne", { name: version.name })}
                  />
                )}
              >
                {t("models.compare")}
              </Button>
            )}
            <Button
              size="xs"
              variant="default"
              disabled={busy}
              onClick={() => challenge(shadows ? null : version.name)}
            >
              {shadows ? t("models.endChallenge") : t("models.challenge")}
            </Button>
            <Button size="xs" variant="light" disabled={busy} onClick={() => promote(version.name)}>
              {t("models.promote")}
            </Button>
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
