// The language of the page: the browser's, or the one chosen in the user's menu, which is remembered.

import { useDirection } from "@mantine/core";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { type AbstractIntlMessages, IntlProvider } from "use-intl";
import { directionOf, LOCALES, type Locale, loadMessages, negotiate, regionOf } from "./locales";

const KEPT = "babeldesk-language";

interface Language {
  locale: Locale;
  choose: (locale: Locale) => void;
}

const Context = createContext<Language>({ locale: "en", choose: () => undefined });

export const useLanguage = (): Language => useContext(Context);

function kept(): Locale | undefined {
  const name = localStorage.getItem(KEPT);
  return LOCALES.find((locale) => locale === name);
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [locale, setLocale] = useState<Locale>(() => kept() ?? negotiate(navigator.languages));
  const [loaded, setLoaded] = useState<{ locale: Locale; messages: AbstractIntlMessages }>();
  const { setDirection } = useDirection();

  useEffect(() => {
    let wanted = true;
    loadMessages(locale).then((messages) => {
      if (wanted) {
        document.documentElement.lang = locale;
        setDirection(directionOf(locale));
        setLoaded({ locale, messages });
      }
    }, reportError);
    return () => {
      wanted = false;
    };
  }, [locale, setDirection]);

  const language = useMemo(
    () => ({
      locale,
      choose: (chosen: Locale) => {
        localStorage.setItem(KEPT, chosen);
        setLocale(chosen);
      },
    }),
    [locale],
  );

  if (!loaded) {
    return null; // there are no words yet in which to say anything
  }
  return (
    <Context value={language}>
      <IntlProvider
        locale={regionOf(loaded.locale, navigator.languages)}
        messages={loaded.messages}
        timeZone={Intl.DateTimeFormat().resolvedOptions().timeZone}
        onError={reportError}
      >
        {children}
      </IntlProvider>
    </Context>
  );
}
