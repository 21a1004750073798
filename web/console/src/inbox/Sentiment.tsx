import { IconMoodAngry, IconMoodEmpty, IconMoodSmile } from "@tabler/icons-react";
import { useTranslations } from "use-intl";

export const SENTIMENTS = ["negative", "neutral", "positive"] as const;

const FACES = {
  negative: [IconMoodAngry, "var(--desk-bad)"],
  neutral: [IconMoodEmpty, "var(--mantine-color-dimmed)"],
  positive: [IconMoodSmile, "var(--desk-fine)"],
} as const;

/** How a customer seems to feel, as far as it was read. */
export function Sentiment({ label, size = 16 }: { label: string | null; size?: number }) {
  const t = useTranslations();
  const felt = SENTIMENTS.find((name) => name === label);
  if (!felt) {
    return null;
  }
  const [Icon, color] = FACES[felt];
  const name = t(`understood.sentiments.${felt}`);
  return (
    <Icon size={size} stroke={1.8} color={color} role="img" aria-label={name} style={{ flex: "none" }}>
      <title>{name}</title>
    </Icon>
  );
}
