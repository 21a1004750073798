// The frame of every page: the navigation, the connection's state, and the page itself.

import { ActionIcon, Alert, AppShell, Burger, Group, Text, Tooltip } from "@mantine/core";
import { useDisclosure, useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconPlugConnectedX } from "@tabler/icons-react";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslations } from "use-intl";
import { ShortcutsProvider } from "../keys/Shortcuts";
import { useLive } from "../live/useLive";
import { Bell } from "../mentions/Bell";
import { Logo } from "./Logo";
import { Navigation } from "./Navigation";
import classes from "./Shell.module.css";
import { UserMenu } from "./UserMenu";

function Frame() {
  const t = useTranslations();
  const online = useLive();
  const roomy = useMediaQuery("(min-width: 90em)", undefined, { getInitialValueInEffect: false });
  const [kept, setKept] = useLocalStorage<"wide" | "narrow" | null>({
    key: "babeldesk-navigation",
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const [opened, menu] = useDisclosure(false);
  const phone = useMediaQuery("(max-width: 47.99em)", undefined, { getInitialValueInEffect: false });
  const wide = phone || (kept ? kept === "wide" : roomy);
  const { pathname } = useLocation();

  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone the page takes the menu's place
  useEffect(menu.close, [pathname]);

  const toggle = wide ? t("navigation.narrow") : t("navigation.wide");
  const Toggle = wide ? IconLayoutSidebarLeftCollapse : IconLayoutSidebarLeftExpand;
  return (
    <AppShell
      header={{ height: { base: 52, sm: 0 } }}
      navbar={{ width: wide ? 220 : 64, breakpoint: "sm", collapsed: { mobile: !opened } }}
      transitionDuration={0}
      classNames={{ navbar: classes.navbar ?? "", main: classes.main ?? "", header: classes.header ?? "" }}
    >
      <a href="#page" className={classes.skip}>
        {t("navigation.skip")}
      </a>
      <AppShell.Header hiddenFrom="sm" role="none" zIndex={150}>
        <Group
          component="section"
          aria-label="Babeldesk"
          h="100%"
          px="sm"
          gap="sm"
          wrap="nowrap"
          justify="space-between"
        >
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={menu.toggle}
              size="sm"
              aria-label={opened ? t("navigation.close") : t("navigation.open")}
              aria-expanded={opened}
            />
            <Logo size={24} />
            <Text fw={700}>Babeldesk</Text>
          </Group>
          {phone && (
            <Group gap={0} wrap="nowrap">
              <Bell wide={false} below />
              <UserMenu wide={false} />
            </Group>
          )}
        </Group>
      </AppShell.Header>
      <AppShell.Navbar
        aria-label={t("navigation.label")}
        p="xs"
        // A menu that is shut is not there for the keyboard either.
        display={phone && !opened ? "none" : undefined}
      >
        <AppShell.Section visibleFrom="sm" mb="sm">
          <Group justify={wide ? "space-between" : "center"} wrap="nowrap" h={40} px={wide ? 6 : 0}>
            <Link to="/" className={classes.brand} aria-label="Babeldesk">
              <Logo />
              {wide && <Text fw={700}>Babeldesk</Text>}
            </Link>
            {wide && (
              <ActionIcon variant="subtle" color="gray" onClick={() => setKept("narrow")} aria-label={toggle}>
                <Toggle size={18} className={classes.mirrored} />
              </ActionIcon>
            )}
          </Group>
        </AppShell.Section>
        <AppShell.Section grow style={{ overflowY: "auto" }}>
          <Navigation wide={wide ?? false} />
        </AppShell.Section>
        {!wide && (
          <AppShell.Section mb="xs" ta="center">
            <Tooltip label={toggle} position="right">
              <ActionIcon variant="subtle" color="gray" onClick={() => setKept("wide")} aria-label={toggle}>
                <Toggle size={18} className={classes.mirrored} />
              </ActionIcon>
            </Tooltip>
          </AppShell.Section>
        )}
        {!phone && (
          <AppShell.Section>
            <Bell wide={wide ?? false} />
            <UserMenu wide={wide ?? false} />
          </AppShell.Section>
        )}
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1}>
        {!online && (
          <Alert
            color="orange"
            radius={0}
            py={6}
            role="status"
            icon={<IconPlugConnectedX size={18} />}
            className={classes.offline ?? ""}
          >
            {t("states.offline")}
          </Alert>
        )}
        <div className={classes.page}>
          <Outlet />
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

export function Shell() {
  return (
    <ShortcutsProvider>
      <Frame />
    </ShortcutsProvider>
  );
}
