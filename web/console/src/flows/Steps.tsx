import { List, Text, UnstyledButton } from "@mantine/core";
import { useTranslations } from "use-intl";
import type { Graph } from "./calls";
import { useEdgeName, useStepName } from "./names";
import classes from "./Steps.module.css";

interface Given {
  graph: Graph;
  chosen: string | undefined;
  choose: (id: string) => void;
}

/** A flow as a list: each step, what is said there, and where it goes on. */
export function Steps({ graph, chosen, choose }: Given) {
  const t = useTranslations();
  const edgeName = useEdgeName();
  const stepName = useStepName();
  const titleOf = (id: string): string => {
    const step = graph.nodes.find((one) => one.id === id);
    const { kind, name } = step ? stepName(step) : { kind: id, name: undefined };
    return name ? `${kind}: ${name}` : kind;
  };
  return (
    <List type="ordered" spacing="sm" className={classes.steps} aria-label={t("flows.stepsOf", { title: graph.title })}>
      {graph.nodes.map((step) => (
        <List.Item key={step.id}>
          <UnstyledButton className={classes.step} aria-pressed={chosen === step.id} onClick={() => choose(step.id)}>
            <Text span fw={600} size="sm">
              {titleOf(step.id)}
            </Text>
          </UnstyledButton>
          {step.text && (
            <Text size="sm" dir="auto">
              {step.text}
            </Text>
          )}
          {graph.edges
            .filter(({ source }) => source === step.id)
            .map((edge) => (
              <Text key={`${edge.target} ${edge.label}`} size="sm" c="dimmed">
                {edge.label
                  ? t("flows.leadsIf", { when: edgeName(edge.label), to: titleOf(edge.target) })
                  : t("flows.leads", { to: titleOf(edge.target) })}
              </Text>
            ))}
        </List.Item>
      ))}
    </List>
  );
}
