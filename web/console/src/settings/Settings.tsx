// The settings that the server was started with, and where what can be changed meanwhile is changed.

import { Table, Text, TextInput } from "@mantine/core";
import { IconSearch, IconSettings } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { settingsQuery } from "../api/setup";
import { TextLink } from "../shared/links";
import { Page } from "../shared/Page";
import { Section } from "../shared/Section";
import { EmptyState, Loaded } from "../shared/states";
import { WideTable } from "../shared/WideTable";
import { SettingValue } from "./SettingValue";

export default function Settings() {
  const t = useTranslations();
  const [asked, setAsked] = useState("");
  const q = asked.trim().toLowerCase();
  return (
    <Page title={t("navigation.settings")}>
      <Section title={t("settings.running")} note={t("settings.runningWhy")}>
        <Text size="sm" component="ul" m={0} ps="lg">
          <li>
            <TextLink to="/hours" underline="always">
              {t("navigation.hours")}
            </TextLink>{" "}
            – {t("settings.hoursAre")}
          </li>
          <li>
            <TextLink to="/teams" underline="always">
              {t("navigation.teams")}
            </TextLink>{" "}
            – {t("settings.targetsAre")}
          </li>
        </Text>
      </Section>
      <Section title={t("navigation.settings")} note={t("settings.why")}>
        <TextInput
          type="search"
          label={t("settings.search")}
          leftSection={<IconSearch size={16} />}
          maw={360}
          value={asked}
          onChange={(event) => setAsked(event.currentTarget.value)}
        />
        <Loaded query={useQuery(settingsQuery)}>
          {({ items }) => {
            const found = items.filter(({ name, variable }) => `${name} ${variable}`.toLowerCase().includes(q));
            return found.length === 0 ? (
              <EmptyState icon={IconSettings} title={t("settings.none")} />
            ) : (
              <WideTable label={t("navigation.settings")} minWidth={620}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t("settings.setting")}</Table.Th>
                    <Table.Th>{t("settings.value")}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {found.map((setting) => (
                    <Table.Tr key={setting.name}>
                      <Table.Td>
                        <code dir="ltr">{setting.name}</code>
                        <Text size="xs" c="dimmed" dir="ltr" ta="start">
                          {setting.variable}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        <SettingValue setting={setting} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </WideTable>
            );
          }}
        </Loaded>
      </Section>
    </Page>
  );
}
