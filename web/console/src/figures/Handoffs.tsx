import { SimpleGrid, Table, Text } from "@mantine/core";
import { useTranslations } from "use-intl";
import type { Figures } from "../api/client";
import { useFormats } from "../i18n/formats";
import { useReason } from "../inbox/names";
import { Section } from "../shared/Section";
import { WideTable } from "../shared/WideTable";
import { Charted } from "./Chart";
import { Tile } from "./Totals";

const WAITS = ["first_response", "resolution"] as const;

export function Handoffs({ handoffs }: { handoffs: Figures["handoffs"] }) {
  const t = useTranslations();
  const formats = useFormats();
  const reasonOf = useReason();
  const reasons = Object.entries(handoffs.by_reason).sort(([, a], [, b]) => b - a);
  return (
    <Section title={t("figures.handoffs.title")} note={t("figures.handoffs.note")}>
      <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm">
        <Tile
          label={t("figures.handoffs.total")}
          is={t("figures.handoffs.totalIs")}
          value={formats.number(handoffs.total)}
        />
        {WAITS.flatMap((name) =>
          (["median", "p90"] as const).map((figure) => (
            <Tile
              key={`${name} ${figure}`}
              label={t(`figures.waits.${name}_${figure}`)}
              is={t(`figures.waitsAre.${name}_${figure}`)}
              value={formats.duration(handoffs[name][figure])}
              beside={t("figures.measured", { count: handoffs[name].n })}
            />
          )),
        )}
      </SimpleGrid>
      {reasons.length === 0 ? (
        <Text c="dimmed">{t("figures.handoffs.none")}</Text>
      ) : (
        <Charted
          rows={reasons.map(([reason, calls]) => ({ name: reasonOf(reason), calls }))}
          series={[{ name: "calls", label: t("figures.handoffs.total"), color: "indigo.5" }]}
        >
          <WideTable label={t("figures.handoffs.title")} minWidth={280} verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("inbox.reason")}</Table.Th>
                <Table.Th ta="end">{t("figures.handoffs.total")}</Table.Th>
                <Table.Th ta="end">{t("figures.share")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {reasons.map(([reason, calls]) => (
                <Table.Tr key={reason}>
                  <Table.Th scope="row" fw={400}>
                    {reasonOf(reason)}
                  </Table.Th>
                  <Table.Td ta="end">{formats.number(calls)}</Table.Td>
                  <Table.Td ta="end">{formats.percent(calls / handoffs.total)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </WideTable>
        </Charted>
      )}
    </Section>
  );
}
