// The language of the page: the browser's, or the one chosen in the user's menu, which is remembered.

import { useDirection } from "@mantine/core";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { type AbstractIntlMessages, IntlProvider } from "use-intl";
import { directionOf, LOCALES, type Locale, loadDesk, loadPages, negotiate, regionOf } from "./locales";

const KEPT = "babeldesk-language";

interface Texts {
  locale: Locale;
  messages: AbstractIntlMessages;
  /** Whether the texts of the pages beside the inbox are among them. */
  pages: "loading" | "loaded" | { failed: unknown };
}

interface Language {
  locale: Locale;
  choose: (locale: Locale) => void;
  pages: Texts["pages"];
}

const Context = createContext<Language>({ locale: "en", choose: () => undefined, pages: "loading" });

export const useLanguage = (): Language => useContext(Context);

function kept(): Locale | undefined {
  const name = localStorage.getItem(KEPT);
  return LOCALES.find((locale) => locale === name);
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [locale, setLocale] = useState<Locale>(() => kept() ?? negotiate(navigator.languages));
  const [texts, setTexts] = useState<Texts>();
  const { setDirection } = useDirection();

  useEffect(() => {
    let wanted = true;
    const show = (change: (before: Texts | undefined) => Texts | undefined): void => {
      if (wanted) {
        setTexts(change);
      }
    };
    const desk = loadDesk(locale);
    // Another language comes as a whole: no page is taken down for it, nor shown in two.
    desk.then(
      (messages) => show((before) => (before?.pages === "loaded" ? before : { locale, messages, pages: "loading" })),
      reportError,
    );
    Promise.all([desk, loadPages(locale)]).then(
      ([inbox, others]) => show(() => ({ locale, messages: { ...inbox, ...others }, pages: "loaded" })),
      (failed: unknown) => {
        reportError(failed);
        show((before) => before && (before.pages === "loaded" ? before : { ...before, pages: { failed } }));
      },
    );
    return () => {
      wanted = false;
    };
  }, [locale]);

  const shown = texts?.locale;
  useEffect(() => {
    if (shown) {
      document.documentElement.lang = shown;
      setDirection(directionOf(shown));
    }
  }, [shown, setDirection]);

  const pages = texts?.pages ?? "loading";
  const language = useMemo(
    () => ({
      locale,
      choose: (chosen: Locale) => {
        localStorage.setItem(KEPT, chosen);
        setLocale(chosen);
      },
      pages,
    }),
    [locale, pages],
  );

  if (!texts) {
    return null; // there are no words yet in which to say anything
  }
  return (
    <Context value={language}>
      <IntlProvider
        locale={regionOf(texts.locale, navigator.languages)}
        messages={texts.messages}
        timeZone={Intl.DateTimeFormat().resolvedOptions().timeZone}
        onError={reportError}
      >
        {children}
      </IntlProvider>
    </Context>
  );
}
