// Which part of all conversations is listed, and how many there are in each.

import { useTranslations } from "use-intl";
import { useFormats } from "../i18n/formats";
import classes from "./List.module.css";
import { VIEWS, type View } from "./lists";

export function Views({
  view,
  counts,
  onChange,
}: {
  view: View;
  counts: Partial<Record<View, number>>;
  onChange: (view: View) => void;
}) {
  const t = useTranslations();
  const formats = useFormats();
  return (
    <div role="radiogroup" aria-label={t("inbox.lists")} className={classes.views}>
      {VIEWS.map((value) => {
        const count = counts[value];
        return (
          <label key={value} className={classes.view} data-active={value === view || undefined}>
            <input type="radio" name="view" checked={value === view} onChange={() => onChange(value)} />
            {t(`inbox.views.${value}`)}
            {count ? <span className={classes.count}> {formats.number(count)}</span> : null}
          </label>
        );
      })}
    </div>
  );
}
