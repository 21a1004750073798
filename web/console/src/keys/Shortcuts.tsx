// One listener for all shortcuts, and the list of them.

import { Kbd, Modal, Table } from "@mantine/core";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { isElsewhere, keyOf, SHORTCUTS, type Shortcut } from "./shortcuts";

type Run = () => void;

interface Registry {
  add: (shortcut: Shortcut, run: { current: Run }) => () => void;
  help: () => void;
}

const Context = createContext<Registry>({ add: () => () => undefined, help: () => undefined });

const named: Record<string, string> = { Escape: "Esc", Enter: "Enter" };

export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const t = useTranslations();
  const [shown, setShown] = useState(false);
  const runs = useRef(new Map<string, { current: Run }[]>());

  const registry = useMemo<Registry>(
    () => ({
      help: () => setShown(true),
      add: (shortcut, run) => {
        for (const key of SHORTCUTS[shortcut]) {
          runs.current.set(key, [run, ...(runs.current.get(key) ?? [])]);
        }
        return () => {
          for (const key of SHORTCUTS[shortcut]) {
            runs.current.set(
              key,
              (runs.current.get(key) ?? []).filter((other) => other !== run),
            );
          }
        };
      },
    }),
    [],
  );

  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isElsewhere(event.target)) {
        return;
      }
      const [run] = runs.current.get(keyOf(event)) ?? [];
      if (run) {
        event.preventDefault();
        run.current();
      }
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);

  useEffect(() => registry.add("help", { current: registry.help }), [registry]);

  return (
    <Context value={registry}>
      {children}
      <Modal opened={shown} onClose={() => setShown(false)} title={t("keys.title")}>
        <Table withRowBorders={false}>
          <Table.Tbody>
            {(Object.keys(SHORTCUTS) as Shortcut[]).map((shortcut) => (
              <Table.Tr key={shortcut}>
                <Table.Td w={80}>
                  {SHORTCUTS[shortcut].map((key) => (
                    <Kbd key={key}>{named[key] ?? key}</Kbd>
                  ))}
                </Table.Td>
                <Table.Td>{t(`keys.${shortcut}`)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Modal>
    </Context>
  );
}

/** What a shortcut does while this component is there. */
export function useShortcut(shortcut: Shortcut, run: Run): void {
  const { add } = useContext(Context);
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => add(shortcut, latest), [add, shortcut]);
}

export const useShortcutHelp = (): (() => void) => useContext(Context).help;
