// One listener for all shortcuts, and the list of them.

import { Kbd, Modal, Table } from "@mantine/core";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { mayOpen, PAGES } from "../app/pages";
import { useSession } from "../app/session";
import { isElsewhere, keyOf, pageOf, SHORTCUTS, type Shortcut } from "./shortcuts";

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
        {([undefined, "inbox", "review", "studio"] as const).map((page) => (
          <Keys key={page ?? "all"} page={page} />
        ))}
      </Modal>
    </Context>
  );
}

/** The shortcuts of a page, for whoever has the page; without one those of all pages. */
function Keys({ page }: { page: ReturnType<typeof pageOf> }) {
  const t = useTranslations();
  const { me } = useSession();
  if (PAGES.some((one) => one.key === page && !mayOpen(one, me))) {
    return null;
  }
  const keys = (Object.keys(SHORTCUTS) as Shortcut[]).filter((shortcut) => pageOf(shortcut) === page);
  return (
    <Table withRowBorders={false} captionSide="top" mb="sm">
      {page && (
        <Table.Caption ta="start" fw={650} c="var(--mantine-color-text)">
          {t(`navigation.${page}`)}
        </Table.Caption>
      )}
      <Table.Tbody>
        {keys.map((shortcut) => (
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
