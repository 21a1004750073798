import {
  Group,
  type MantineColorScheme,
  Menu,
  Stack,
  Text,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
} from "@mantine/core";
import {
  IconApi,
  IconBell,
  IconBrandSlack,
  IconDevices,
  IconKey,
  IconKeyboard,
  IconLogout,
  IconSelector,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslations } from "use-intl";
import { api, type PresenceState } from "../api/client";
import { presenceQuery, slackQuery } from "../api/queries";
import { useLanguage } from "../i18n/Language";
import { LOCALES, type Locale, NAMES } from "../i18n/locales";
import { useShortcutHelp } from "../keys/Shortcuts";
import { useComplain } from "../shared/complain";
import { Face } from "../shared/Face";
import { PresenceDot } from "../shared/PresenceDot";
import { atLeast } from "../shared/roles";
import classes from "./Shell.module.css";
import { useSession } from "./session";

const PasswordDialog = lazy(() => import("../users/PasswordDialog"));

const STATES = ["online", "away", "offline"] as const satisfies readonly PresenceState[];

/** One's own presence, and how to set it; nobody's who answers no customers. */
function useOwnPresence() {
  const client = useQueryClient();
  const complain = useComplain();
  const { me } = useSession();
  const { data: presence } = useQuery({ ...presenceQuery, enabled: atLeast(me, "agent") });
  const set = useMutation({
    mutationFn: api.setPresence,
    onSuccess: (now) => client.setQueryData(presenceQuery.queryKey, now),
    onError: complain,
  });
  return { presence, set: (state: string) => set.mutate(state as PresenceState) };
}

/** Where agents work in Slack, too, the way to one's account there. It is asked when the menu is opened. */
function SlackItem() {
  const t = useTranslations();
  const { data: own } = useQuery(slackQuery());
  return own?.desk || own?.link ? (
    <Menu.Item leftSection={<IconBrandSlack size={16} />} renderRoot={(props) => <Link to="/link/slack" {...props} />}>
      {t("user.slack")}
    </Menu.Item>
  ) : null;
}

export function UserMenu({ wide }: { wide: boolean }) {
  const t = useTranslations();
  const { me, signOut, signedOut } = useSession();
  const { locale, choose } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const help = useShortcutHelp();
  const { presence, set } = useOwnPresence();
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
              <div className={classes.face}>
                <Face name={me.display_name} size={28} />
                {!wide && presence && <PresenceDot state={presence.state} />}
              </div>
              {wide ? (
                <Stack gap={0} miw={0} align="flex-start">
                  <Text size="sm" fw={500} lh={1.3} truncate maw="100%" dir="auto">
                    {me.display_name}
                  </Text>
                  {presence && (
                    <Group gap={6} wrap="nowrap">
                      <PresenceDot state={presence.state} />
                      <Text size="xs" c="dimmed" lh={1.3}>
                        {t(`presence.${presence.state}`)}
                      </Text>
                    </Group>
                  )}
                </Stack>
              ) : (
                <VisuallyHidden>
                  {me.display_name} {presence && t(`presence.${presence.state}`)}
                </VisuallyHidden>
              )}
            </Group>
            {wide && <IconSelector size={16} style={{ marginInlineStart: "auto" }} />}
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown mah="calc(100dvh - 76px)" style={{ overflowY: "auto" }}>
          <Menu.Label dir="auto">{me.display_name}</Menu.Label>
          {presence && (
            <>
              <Menu.RadioGroup value={presence.chosen} onChange={set}>
                {STATES.map((state) => (
                  <Menu.RadioItem key={state} value={state} rightSection={<PresenceDot state={state} />}>
                    {t(`presence.${state}`)}
                  </Menu.RadioItem>
                ))}
              </Menu.RadioGroup>
              <Menu.Divider />
            </>
          )}
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
          <Menu.Item leftSection={<IconApi size={16} />} renderRoot={(props) => <Link to="/tokens" {...props} />}>
            {t("user.tokens")}
          </Menu.Item>
          <Menu.Item leftSection={<IconDevices size={16} />} renderRoot={(props) => <Link to="/browsers" {...props} />}>
            {t("user.browsers")}
          </Menu.Item>
          <SlackItem />
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
