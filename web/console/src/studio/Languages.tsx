// The languages of an intent as tabs: how many examples each has, what it lacks, and where something was changed.

import { Select, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type KeyboardEvent, useRef } from "react";
import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import { LANGUAGES } from "../shared/languages";
import type { Intent } from "./calls";
import type { Said } from "./draft";
import classes from "./Editor.module.css";
import type { Editing } from "./useIntentDraft";

interface Tabs {
  codes: readonly string[];
  code: string;
  intent: Intent;
  editing: Editing;
  choose: (code: string) => void;
}

export function Languages({ codes, code, intent, editing, choose }: Tabs) {
  const t = useTranslations();
  const formats = useFormats();
  const list = useRef<HTMLDivElement>(null);
  const shown = codes.includes(code) ? codes : [...codes, code];
  const reach = (event: KeyboardEvent): void => {
    const ahead = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = ahead === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    const at = shown.indexOf(code);
    const to = { [ahead]: at + 1, [back]: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      const next = shown[(to + shown.length) % shown.length] ?? code;
      choose(next);
      list.current?.querySelector<HTMLElement>(`#studio-tab-${CSS.escape(next)}`)?.focus();
    }
  };
  return (
    <div className={classes.tabs}>
      <div role="tablist" aria-label={t("studio.list.languages")} ref={list} style={{ display: "contents" }}>
        {shown.map((one) => {
          const count = (editing.value(`examples:${one}`) as string[]).length;
          const said = editing.value(`replies:${one}`) as Said;
          const answers = intent.replies.some(({ language }) => language === one);
          const unsaid = answers && (!said.label || (intent.answered && said.replies.length === 0));
          const lacks = [
            ...(count === 0 ? [t("studio.list.untaught", { count: 1 })] : []),
            ...(unsaid ? [t("studio.list.unsaid", { count: 1 })] : []),
          ];
          const edited = `examples:${one}` in editing.draft || `replies:${one}` in editing.draft;
          return (
            <UnstyledButton
              key={one}
              role="tab"
              id={`studio-tab-${one}`}
              aria-selected={one === code}
              aria-controls={one === code ? "studio-language" : undefined}
              tabIndex={one === code ? 0 : -1}
              className={classes.tab}
              title={lacks.length > 0 ? formats.list(lacks) : undefined}
              onClick={() => choose(one)}
              onKeyDown={reach}
            >
              {formats.language(one)}
              <span className={classes.count}>{formats.number(count)}</span>
              {lacks.length > 0 && (
                <>
                  <IconAlertTriangle
                    size={13}
                    className={classes.missing}
                    data-unsaid={unsaid || undefined}
                    aria-hidden
                  />
                  <VisuallyHidden>{formats.list(lacks)}</VisuallyHidden>
                </>
              )}
              {edited && (
                <>
                  <span className={classes.edited} aria-hidden />
                  <VisuallyHidden>{t("studio.unsaved")}</VisuallyHidden>
                </>
              )}
            </UnstyledButton>
          );
        })}
      </div>
      <Select
        size="xs"
        w={170}
        flex="none"
        aria-label={t("studio.intent.addLanguage")}
        placeholder={t("studio.intent.addLanguage")}
        searchable
        value={null}
        onChange={(chosen) => chosen && choose(chosen)}
        data={LANGUAGES.filter((one) => !shown.includes(one)).map((value) => ({
          value,
          label: formats.language(value),
        }))}
        nothingFoundMessage={t("figures.noneFound")}
      />
    </div>
  );
}
