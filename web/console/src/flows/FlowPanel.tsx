// One of the flows, as a diagram or a list, and what is said at one of its steps on each channel.

import { Alert, Group, NativeSelect, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { IconArrowsSplit2 } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { ChannelsPreview } from "../preview/ChannelsPreview";
import { EmptyState } from "../shared/states";
import type { Graph, Pack, Step } from "./calls";
import { Diagram } from "./Diagram";
import type { FlowsSearch } from "./drafts";
import { useStepName } from "./names";
import { Steps } from "./Steps";

interface Given {
  /** Null while what was typed is not sound. */
  flows: readonly Graph[] | null;
  pack: Pack;
  language: string | undefined;
  search: FlowsSearch;
  change: (changed: FlowsSearch) => void;
  stale: boolean;
}

export function FlowPanel({ flows, pack, language, search, change, stale }: Given) {
  const t = useTranslations();
  const formats = useFormats();
  const [last, setLast] = useState(flows);
  if (flows && flows !== last) {
    setLast(flows);
  }
  const shown = flows ?? last;
  const [form, setForm] = useState<"diagram" | "list">("diagram");
  const [step, setStep] = useState<string>();
  if (!shown || shown.length === 0) {
    return (
      <EmptyState icon={IconArrowsSplit2} title={t("flows.none")}>
        {t("flows.noneHow")}
      </EmptyState>
    );
  }
  const graph = shown.find(({ flow }) => flow === search.flow) ?? shown[0];
  const spoken = language ?? pack.default_language;
  if (!graph) {
    return null;
  }
  const said = graph.nodes.find(({ id, text }) => id === step && text) ?? graph.nodes.find(({ text }) => text);
  return (
    <Stack gap="md">
      <Group align="end" gap="sm">
        <NativeSelect
          flex={1}
          miw={160}
          label={t("flows.flow")}
          value={graph.flow}
          onChange={(event) => change({ flow: event.currentTarget.value })}
          data={shown.map((one) => ({ value: one.flow, label: `${one.title} (${one.flow})` }))}
        />
        <NativeSelect
          flex={1}
          miw={140}
          label={t("inbox.language")}
          value={spoken}
          onChange={(event) => {
            const code = event.currentTarget.value;
            // A file of replies shows its own language; another language is that of another file.
            change({ language: code, file: search.file?.startsWith("replies/") ? `replies/${code}.yml` : search.file });
          }}
          data={pack.languages.map((code) => ({ value: code, label: formats.language(code) }))}
        />
        <SegmentedControl
          value={form}
          onChange={(value) => setForm(value as typeof form)}
          data={[
            { value: "diagram", label: t("flows.diagram") },
            { value: "list", label: t("flows.list") },
          ]}
          aria-label={t("flows.form")}
        />
      </Group>
      {stale && <Alert color="orange">{t("flows.stale")}</Alert>}
      {form === "diagram" ? (
        <Diagram graph={graph} chosen={said?.id} choose={setStep} />
      ) : (
        <Steps graph={graph} chosen={said?.id} choose={setStep} />
      )}
      {said && <SaidAt step={said} />}
    </Stack>
  );
}

function SaidAt({ step }: { step: Step }) {
  const t = useTranslations();
  const { kind, name } = useStepName()(step);
  return (
    <Stack component="section" gap="xs">
      <Title order={2} size="h5">
        {t("flows.preview.title", { step: name ? `${kind}: ${name}` : kind })}
      </Title>
      <Text size="sm" c="dimmed">
        {t("flows.preview.note")}
      </Text>
      <ChannelsPreview text={step.text ?? ""} buttons={step.buttons} />
    </Stack>
  );
}
