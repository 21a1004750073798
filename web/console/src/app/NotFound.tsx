import { IconMapQuestion } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { TextLink } from "../shared/links";
import { EmptyState } from "../shared/states";

export function NotFound() {
  const t = useTranslations();
  return (
    <EmptyState heading icon={IconMapQuestion} title={t("states.noPage")}>
      <TextLink to="/">{t("navigation.inbox")}</TextLink>
    </EmptyState>
  );
}
