import { useTranslations } from "use-intl";
import type { Attribute } from "../api/client";
import { useFormats } from "../i18n/formats";

/** What is known of a customer, in words. */
export function useAttributeValue(): (attribute: Attribute) => string {
  const t = useTranslations();
  const formats = useFormats();
  return ({ kind, value }) => {
    switch (kind) {
      case "boolean":
        return value ? t("inbox.yes") : t("inbox.no");
      case "number":
        return formats.number(Number(value));
      case "date":
        return formats.date(String(value));
      default:
        return String(value);
    }
  };
}
