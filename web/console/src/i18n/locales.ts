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

const MESSAGES: Record<Locale, () => Promise<{ default: AbstractIntlMessages }>> = {
  en: () => import("./messages/en.json"),
  "zh-Hans": () => import("./messages/zh-Hans.json"),
  es: () => import("./messages/es.json"),
  de: () => import("./messages/de.json"),
  ar: () => import("./messages/ar.json"),
};

export const loadMessages = async (locale: Locale): Promise<AbstractIntlMessages> => (await MESSAGES[locale]()).default;

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
