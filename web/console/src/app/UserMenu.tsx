import {
  Group,
  type MantineColorScheme,
  Menu,
  Text,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
} from "@mantine/core";
import { IconBell, IconKey, IconKeyboard, IconLogout, IconSelector } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslations } from "use-intl";
import { useLanguage } from "../i18n/Language";
import { LOCALES, type Locale, NAMES } from "../i18n/locales";
import { useShortcutHelp } from "../keys/Shortcuts";
import { Face } from "../shared/Face";
import classes from "./Shell.module.css";
import { useSession } from "./session";

const PasswordDialog = lazy(() => import("../users/PasswordDialog"));

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
      <Menu position="top-start" width={240} withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <UnstyledButton
            className={`${classes.item} ${wide ? "" : classes.narrow}`}
            w={wide ? "100%" : 44}
            mx={wide ? 0 : "auto"}
            me={{ base: 0, sm: "auto" }}
          >
            <Group gap={10} wrap="nowrap" miw={0}>
              <Face name={me.display_name} size={28} />
              {wide ? (
                <Text size="sm" fw={500} truncate dir="auto">
                  {me.display_name}
                </Text>
              ) : (
                <VisuallyHidden>{me.display_name}</VisuallyHidden>
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
          <Menu.RadioGroup value={locale} onChange={(name) => choose(name as Locale)}>
            {LOCALES.map((name) => (
              <Menu.RadioItem key={name} value={name} lang={name}>
                {NAMES[name]}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Menu.Divider />
          <Menu.Label>{t("user.theme")}</Menu.Label>
          <Menu.RadioGroup value={colorScheme} onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}>
            {(["light", "dark", "auto"] as const).map((scheme) => (
              <Menu.RadioItem key={scheme} value={scheme}>
                {t(`user.schemes.${scheme}`)}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
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
