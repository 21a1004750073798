import { useTranslations } from "use-intl";
import type { ModelVersion } from "../api/client";

/** Who had a version trained, as far as that was written down. */
export function useMaker(): (version: ModelVersion) => string {
  const t = useTranslations();
  return ({ made_by: by }) => {
    if (!by) {
      return t("models.madeByUnknown");
    }
    if (by.how === "command") {
      return t("models.madeByCommand");
    }
    return t("models.madeByConsole", { who: by.who ?? "–", revision: by.revision ?? 0 });
  };
}
