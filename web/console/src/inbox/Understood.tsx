// What the model made of a customer's message: in a line, and in full when asked.

import { Box, Collapse, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import type { Message } from "../api/client";
import { useFormats } from "../i18n/formats";
import { SENTIMENTS } from "./Sentiment";

export function Understood({ message }: { message: Message }) {
  const t = useTranslations();
  const formats = useFormats();
  const [shown, setShown] = useState(false);
  const understood = message.understanding;
  if (!understood) {
    return null;
  }
  const { ranking, sentiment, entities } = understood;
  const head = understood.in_scope ? understood.intent : null;
  const felt = SENTIMENTS.find((name) => name === sentiment?.label);
  return (
    <Box mt={3} px={4} fz="xs" c="dimmed">
      <UnstyledButton onClick={() => setShown(!shown)} aria-expanded={shown} fz="xs" c="dimmed">
        {t("understood.as")}{" "}
        <Text span inherit fw={650}>
          {head ? `${head.name} ${formats.percent(head.confidence)}` : t("understood.outOfScope")}
        </Text>{" "}
        · {formats.language(understood.language.code)}{" "}
        <IconChevronDown
          size={12}
          style={{ transform: shown ? "rotate(180deg)" : undefined, verticalAlign: "middle" }}
        />
      </UnstyledButton>
      <Collapse expanded={shown}>
        <Box mt={4}>
          {ranking.slice(0, 4).map((ranked) => (
            <div key={ranked.name}>
              <bdi>{ranked.name}</bdi> {formats.percent(ranked.confidence)}
            </div>
          ))}
          {sentiment && (
            <div>
              {felt ? t(`understood.sentiments.${felt}`) : sentiment.label} · {t("understood.anger")}{" "}
              {formats.percent(sentiment.anger)} · {t("understood.urgency")} {formats.percent(sentiment.urgency)}
            </div>
          )}
          {entities.length > 0 && (
            <div>
              {t("understood.entities")} <bdi>{formats.list(entities.map((e) => `${e.entity} = ${e.value}`))}</bdi>
            </div>
          )}
        </Box>
      </Collapse>
    </Box>
  );
}
