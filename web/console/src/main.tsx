import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";

import {
  ActionIcon,
  Alert,
  Button,
  createTheme,
  Group,
  Loader,
  MantineProvider,
  Menu,
  Text,
  useMantineColorScheme,
} from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import {
  IconAlertTriangle,
  IconBell,
  IconBrain,
  IconInbox,
  IconMoon,
  IconSun,
  IconSunMoon,
  IconUserCircle,
  IconUsers,
} from "@tabler/icons-react";
import { StrictMode, useCallback, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter, NavLink, Route, Routes } from "react-router";
import { type Account, api } from "./api";
import { Inbox } from "./Inbox";
import { Models } from "./Models";
import { Problems } from "./Problems";
import { SignIn } from "./SignIn";
import { PasswordDialog, Users } from "./Users";
import { words } from "./words";

const dismissable = { defaultProps: { closeButtonProps: { "aria-label": words.dismiss } } };
const theme = createTheme({
  primaryColor: "indigo",
  defaultRadius: "md",
  cursorType: "pointer",
  components: { Modal: dismissable, Drawer: dismissable, Notification: dismissable },
});

function ThemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const following = { light: "dark", dark: "auto", auto: "light" } as const;
  const Icon = { light: IconSun, dark: IconMoon, auto: IconSunMoon }[colorScheme];
  return (
    <ActionIcon
      variant="subtle"
      onClick={() => setColorScheme(following[colorScheme])}
      aria-label={words.theme}
      title={words.theme}
    >
      <Icon size={18} />
    </ActionIcon>
  );
}

function Bar({ me, onSignedOut }: { me: Account; onSignedOut: () => void }) {
  const [password, setPassword] = useState(false);
  const link = (to: string, label: string, Icon: typeof IconInbox) => (
    <Button
      component={NavLink}
      to={to}
      end={to === "/"}
      variant="subtle"
      size="compact-sm"
      leftSection={<Icon size={16} />}
      aria-label={label}
    >
      <Text visibleFrom="sm" size="sm" span>
        {label}
      </Text>
    </Button>
  );
  return (
    <Group
      component="header"
      h={52}
      px="md"
      justify="space-between"
      wrap="nowrap"
      style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}
    >
      <Group gap="xs" wrap="nowrap">
        <Text fw={750} visibleFrom="xs">
          {words.product}
        </Text>
        {link("/", words.inbox, IconInbox)}
        {link("/problems", words.problems, IconAlertTriangle)}
        {me.role === "admin" && link("/models", words.models, IconBrain)}
        {me.role === "admin" && link("/users", words.users, IconUsers)}
      </Group>
      <Group gap={6} wrap="nowrap">
        {"Notification" in window && Notification.permission === "default" && (
          <ActionIcon variant="subtle" onClick={() => void Notification.requestPermission()} aria-label="Notifications">
            <IconBell size={18} />
          </ActionIcon>
        )}
        <ThemeButton />
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="subtle" size="compact-sm" leftSection={<IconUserCircle size={18} />}>
              {me.display_name}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setPassword(true)}>{words.changePassword}</Menu.Item>
            <Menu.Item onClick={() => void api.signOut().finally(onSignedOut)}>{words.signOut}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      <PasswordDialog opened={password} onClose={() => setPassword(false)} onChanged={onSignedOut} />
    </Group>
  );
}

function App() {
  const [me, setMe] = useState<Account | null>();
  const [online, setOnline] = useState(true);
  useEffect(() => {
    api.me().then(
      ({ user }) => setMe(user),
      () => setMe(null),
    );
  }, []);
  const signedOut = useCallback(() => setMe(null), []);
  if (me === undefined) {
    return <Loader m="xl" />;
  }
  if (me === null) {
    return <SignIn onSignedIn={setMe} />;
  }
  const inbox = <Inbox me={me} onSignedOut={signedOut} onOnline={setOnline} />;
  return (
    <>
      <Bar me={me} onSignedOut={signedOut} />
      {!online && (
        <Alert color="orange" radius={0} py={4} role="status">
          {words.offline}
        </Alert>
      )}
      <Routes>
        <Route path="/" element={inbox} />
        <Route path="/c/:id" element={inbox} />
        <Route path="/problems" element={<Problems />} />
        {me.role === "admin" && <Route path="/models" element={<Models />} />}
        {me.role === "admin" && <Route path="/users" element={<Users />} />}
        <Route path="*" element={inbox} />
      </Routes>
    </>
  );
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <ModalsProvider>
        <Notifications position="top-right" />
        <BrowserRouter basename="/console">
          <App />
        </BrowserRouter>
      </ModalsProvider>
    </MantineProvider>
  </StrictMode>,
);
