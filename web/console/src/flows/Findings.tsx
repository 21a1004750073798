import { Anchor, List, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import type { Finding } from "./calls";

interface Given {
  findings: readonly Finding[];
  path: string;
  waiting: boolean;
  dirty: boolean;
  show: (finding: Finding) => void;
}

/** What is wrong with what was typed, each with its line, which is gone to. */
export function Findings({ findings, path, waiting, dirty, show }: Given) {
  const t = useTranslations();
  return (
    <div role="status" aria-busy={waiting}>
      {dirty && findings.length === 0 && (
        <Text size="sm" c={waiting ? "dimmed" : "var(--desk-fine)"}>
          {waiting ? t("flows.checking") : t("flows.sound")}
        </Text>
      )}
      {findings.length > 0 && (
        <List size="sm" spacing={4}>
          {findings.map((finding) => (
            <List.Item key={`${finding.file} ${finding.line} ${finding.column} ${finding.reason}`} c="var(--desk-bad)">
              <Anchor component="button" type="button" size="sm" ta="start" onClick={() => show(finding)}>
                {finding.line > 0
                  ? t("flows.place", { file: finding.file || path, line: finding.line })
                  : finding.file || path}
              </Anchor>{" "}
              <span dir="auto">{finding.reason}</span>
            </List.Item>
          ))}
        </List>
      )}
    </div>
  );
}
