import { NativeSelect } from "@mantine/core";
import { IconLanguage } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { useLanguage } from "../i18n/Language";
import { LOCALES, type Locale, NAMES } from "../i18n/locales";

export function LanguageSelect() {
  const t = useTranslations();
  const { locale, choose } = useLanguage();
  return (
    <NativeSelect
      aria-label={t("user.language")}
      leftSection={<IconLanguage size={16} />}
      variant="unstyled"
      w={170}
      mx="auto"
      value={locale}
      onChange={(event) => choose(event.currentTarget.value as Locale)}
      data={LOCALES.map((value) => ({ value, label: NAMES[value] }))}
    />
  );
}
