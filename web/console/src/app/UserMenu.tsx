import { Avatar, Group, Menu, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import {
  IconBell,
  IconCheck,
  IconKey,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSelector,
  IconSun,
  IconSunMoon,
} from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslations } from "use-intl";
import { useLanguage } from "../i18n/Language";
import { LOCALES, NAMES } from "../i18n/locales";
import { useShortcutHelp } from "../keys/Shortcuts";
import classes from "./Shell.module.css";
import { useSession } from "./session";

const PasswordDialog = lazy(() => import("../users/PasswordDialog"));
const SCHEMES = { light: IconSun, dark: IconMoon, auto: IconSunMoon } as const;

export function UserMenu({ wide }: { wide: boolean }) {
  const t = useTranslations();
  const { me, signOut, signedOut } = useSession();
  const { locale, choose } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const help = useShortcutHelp();
  const [password, setPassword] = useState(false);
  const [asked, setAsked] = useState(!("Notification" in window) || Notification.permission !== "default");
  const ask = (): void => {
    void Notification.requestPermission().then((answer) => setAsked(answer !== "default"));
  };
  return (
    <>
      <Menu position="top-start" width={240} withinPortal>
        <Menu.Target>
          <UnstyledButton
            className={`${classes.item} ${wide ? "" : classes.narrow}`}
            w="100%"
            aria-label={me.display_name}
          >
            <Group gap={10} wrap="nowrap" miw={0}>
              <Avatar size={28} radius="xl" name={me.display_name} color="indigo" alt="" />
              {wide && (
                <Text size="sm" fw={500} truncate dir="auto">
                  {me.display_name}
                </Text>
              )}
            </Group>
            {wide && <IconSelector size={16} style={{ marginInlineStart: "auto" }} />}
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label dir="auto">{me.display_name}</Menu.Label>
          <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={help} rightSection={<Text size="xs">?</Text>}>
            {t("keys.title")}
          </Menu.Item>
          {!asked && (
            <Menu.Item leftSection={<IconBell size={16} />} onClick={ask}>
              {t("user.notifications")}
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Label>{t("user.language")}</Menu.Label>
          {LOCALES.map((name) => (
            <Menu.Item
              key={name}
              lang={name}
              role="menuitemradio"
              aria-checked={name === locale}
              rightSection={name === locale && <IconCheck size={16} />}
              onClick={() => choose(name)}
            >
              {NAMES[name]}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Label>{t("user.theme")}</Menu.Label>
          {(["light", "dark", "auto"] as const).map((scheme) => {
            const Icon = SCHEMES[scheme];
            return (
              <Menu.Item
                key={scheme}
                role="menuitemradio"
                aria-checked={scheme === colorScheme}
                leftSection={<Icon size={16} />}
                rightSection={scheme === colorScheme && <IconCheck size={16} />}
                onClick={() => setColorScheme(scheme)}
              >
                {t(`user.schemes.${scheme}`)}
              </Menu.Item>
            );
          })}
          <Menu.Divider />
          <Menu.Item leftSection={<IconKey size={16} />} onClick={() => setPassword(true)}>
            {t("user.changePassword")}
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={signOut}>
            {t("user.signOut")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {password && (
        <Suspense>
          <PasswordDialog onClose={() => setPassword(false)} onChanged={signedOut} />
        </Suspense>
      )}
    </>
  );
}
