import { Alert, Button, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import { useTranslations } from "use-intl";
import classes from "./Conflict.module.css";
import { type Line, sideBySide } from "./drafts";

export interface Clash {
  path: string;
  /** What the file says now; null if it is gone. */
  current: string | null;
  yours: string;
  /** Of what it says now. */
  etag: string;
}

interface Given {
  clash: Clash;
  takeTheirs: () => void;
  keepMine: () => void;
}

/** Somebody else saved the same file in the meantime: both texts, and the choice between them. */
export function Conflict({ clash, takeTheirs, keepMine }: Given) {
  const t = useTranslations();
  const [theirs, mine] = useMemo(() => sideBySide(clash.current ?? "", clash.yours), [clash]);
  return (
    <Alert color="orange" title={t("flows.conflict", { file: clash.path })} role="alert">
      <Stack gap="sm">
        <Text size="sm">{t("flows.conflictHow")}</Text>
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Both title={t("flows.theirs")} lines={theirs} />
          <Both title={t("flows.mine")} lines={mine} />
        </SimpleGrid>
        <Group>
          <Button size="xs" variant="default" onClick={takeTheirs}>
            {t("flows.takeTheirs")}
          </Button>
          <Button size="xs" onClick={keepMine}>
            {t("flows.keepMine")}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

function Both({ title, lines }: { title: string; lines: readonly Line[] }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section className={classes.text} aria-label={title} tabIndex={0} dir="ltr">
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <div key={at} data-differs={line.differs || undefined}>
            {line.text || " "}
          </div>
        ))}
      </section>
    </div>
  );
}
