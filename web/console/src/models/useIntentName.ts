import { useTranslations } from "use-intl";
import { OUT_OF_SCOPE } from "./outcomes";

/** Intents are called as the pack calls them; what is none of the bot's business has a name of its own. */
export function useIntentName(): (intent: string) => string {
  const t = useTranslations();
  return (intent) => (intent === OUT_OF_SCOPE ? t("understood.outOfScope") : intent);
}
