import { Button, Group } from "@mantine/core";
import { useTranslations } from "use-intl";

/** The button that shows the rest of a list, or less of it again. */
export function ShowMore({ all, setAll, count }: { all: boolean; setAll: (all: boolean) => void; count: number }) {
  const t = useTranslations();
  return (
    <Group>
      <Button size="xs" variant="default" onClick={() => setAll(!all)} aria-expanded={all}>
        {all ? t("models.fewer") : t("models.allOf", { count })}
      </Button>
    </Group>
  );
}
