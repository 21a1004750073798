// The languages of the pages, and which of them somebody is shown.

import type { AbstractIntlMessages } from "use-intl";

export const LOCALES = ["en", "zh-Hans", "es", "de", "ar"] as const;
export type Locale = (typeof LOCALES)[number];

/** Every language in its own words, as whoever looks for it can read it. */
export const NAMES: Record<Locale, string> = {
  en: "English",
  "zh-Hans": "简体中文",
  es: "Español",
  de: "Deutsch",
  ar: "العربية",
};

type Loader = () => Promise<{ default: AbstractIntlMessages }>;

/** What the frame and the inbox say, which is loaded before anything is shown. */
const DESK: Record<Locale, Loader> = {
  en: () => import("./messages/desk/en.json"),
  "zh-Hans": () => import("./messages/desk/zh-Hans.json"),
  es: () => import("./messages/desk/es.json"),
  de: () => import("./messages/desk/de.json"),
  ar: () => import("./messages/desk/ar.json"),
};

/** What all other pages say, which is loaded when the inbox is there. */
const PAGES: Record<Locale, Loader> = {
  en: () => import("./messages/pages/en.json"),
  "zh-Hans": () => import("./messages/pages/zh-Hans.json"),
  es: () => import("./messages/pages/es.json"),
  de: () => import("./messages/pages/de.json"),
  ar: () => import("./messages/pages/ar.json"),
};

const loading =
  (messages: Record<Locale, Loader>) =>
  async (locale: Locale): Promise<AbstractIntlMessages> =>
    (await messages[locale]()).default;

export const loadDesk = loading(DESK);
export const loadPages = loading(PAGES);

export const directionOf = (locale: Locale): "ltr" | "rtl" => (locale === "ar" ? "rtl" : "ltr");

const base = (tag: string): string => tag.toLowerCase().split("-")[0] ?? "";

/** The first language that somebody asks for and that there is. */
export function negotiate(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const found = LOCALES.find((locale) => base(locale) === base(tag));
    if (found) {
      return found;
    }
  }
  return "en";
}

/** Whose dates and numbers: the region that somebody's browser names for the language, if it names one. */
export const regionOf = (locale: Locale, wanted: readonly string[]): string =>
  wanted.find((tag) => base(tag) === base(locale)) ?? locale;
