import "./styles";
import "@mantine/notifications/styles.css";
import "./global.css";

import { DirectionProvider, MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { useTranslations } from "use-intl";
import { makeQueryClient } from "./api/queries";
import { router } from "./app/router";
import { endSession, SessionGate, useSession } from "./app/session";
import { LanguageProvider } from "./i18n/Language";
import { theme, variables } from "./theme";

const client = makeQueryClient(endSession);

/** Mantine, whose buttons to close something are named in the page's language. */
function Styled({ children }: { children: ReactNode }) {
  const t = useTranslations();
  const dismissable = { defaultProps: { closeButtonProps: { "aria-label": t("states.dismiss") } } };
  const components = { Modal: dismissable, Drawer: dismissable, Notification: dismissable };
  return (
    <MantineProvider theme={{ ...theme, components }} cssVariablesResolver={variables} defaultColorScheme="auto">
      <ModalsProvider>
        <Notifications position="top-right" />
        {children}
      </ModalsProvider>
    </MantineProvider>
  );
}

function Pages() {
  const { me } = useSession();
  return <RouterProvider router={router} context={{ me }} />;
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <DirectionProvider detectDirection={false}>
      <LanguageProvider>
        <Styled>
          <QueryClientProvider client={client}>
            <SessionGate>
              <Pages />
            </SessionGate>
          </QueryClientProvider>
        </Styled>
      </LanguageProvider>
    </DirectionProvider>
  </StrictMode>,
);
