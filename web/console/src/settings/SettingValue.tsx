import { Badge, Group, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import type { Setting } from "../api/setup";

/** What a setting comes to and where from; of a secret, only whether there is one. */
export function SettingValue({ setting }: { setting: Setting }) {
  const t = useTranslations();
  return (
    <Group gap={8} wrap="nowrap">
      {setting.value === null ? (
        <Text size="sm" c="dimmed">
          {setting.given ? t("settings.secret") : t("settings.unset")}
        </Text>
      ) : (
        <code dir="ltr" style={{ fontSize: 13, overflowWrap: "anywhere" }}>
          {setting.value}
        </code>
      )}
      {setting.source !== "default" && (
        <Badge size="sm" variant="light" color="blue" tt="none" style={{ flex: "none" }}>
          {t(`settings.sources.${setting.source}`)}
        </Badge>
      )}
    </Group>
  );
}
