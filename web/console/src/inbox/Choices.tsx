import { Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import classes from "./Choices.module.css";

interface Choice {
  key: string;
  title: string;
  more: string;
}

/** What may be chosen in the field below, which keeps the focus. */
export function Choices({
  id,
  label,
  items,
  active,
  choose,
}: {
  id: string;
  label: string;
  items: Choice[];
  active: number;
  choose: (key: string) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div ref={list} id={id} role="listbox" aria-label={label} className={classes.list}>
      {items.map(({ key, title, more }, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the field below
        // biome-ignore lint/a11y/useFocusableInteractive: the field below keeps the focus
        <div
          key={key}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          className={classes.choice}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(key)}
        >
          <Text size="sm" fw={600} dir="auto" truncate>
            {title}
          </Text>
          <Text size="xs" c="dimmed" dir="auto" lineClamp={2}>
            {more}
          </Text>
        </div>
      ))}
    </div>
  );
}
