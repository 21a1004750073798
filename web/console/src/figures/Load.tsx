// When customers write: a table of weekdays and hours whose cells are the darker the more there was.

import { useTranslations } from "use-intl";
import type { Figures } from "../api/client";
import { useFormats } from "../i18n/formats";
import { Section } from "../shared/Section";
import classes from "./Load.module.css";

const LEVELS = 5;

export function Load({ load }: { load: Figures["load"] }) {
  const t = useTranslations();
  const formats = useFormats();
  const most = Math.max(1, ...load.weekday_hours.flat());
  const level = (count: number): number => Math.ceil((LEVELS * count) / most);
  return (
    <Section title={t("figures.load.title")} note={t("figures.load.note")}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section className={classes.scroll} aria-label={t("figures.load.title")} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              <td className={classes.day} />
              {load.by_hour.map((_, hour) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: hours are numbers
                <th key={hour} scope="col">
                  {formats.hour(hour)}
                </th>
              ))}
              <th scope="col">{t("figures.load.sum")}</th>
            </tr>
          </thead>
          <tbody>
            {load.weekday_hours.map((hours, day) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: days are numbers
              <tr key={day}>
                <th scope="row" className={classes.day}>
                  <abbr title={formats.weekday(day, "long")}>{formats.weekday(day, "short")}</abbr>
                </th>
                {hours.map((count, hour) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: hours are numbers
                  <td key={hour} className={classes.cell} data-level={level(count)}>
                    {formats.number(count)}
                  </td>
                ))}
                <td className={classes.sum}>{formats.number(load.by_weekday[day] ?? 0)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" className={classes.day}>
                {t("figures.load.sum")}
              </th>
              {load.by_hour.map((count, hour) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: hours are numbers
                <td key={hour} className={classes.sum}>
                  {formats.number(count)}
                </td>
              ))}
              <td className={classes.sum}>{formats.number(load.by_hour.reduce((sum, count) => sum + count, 0))}</td>
            </tr>
          </tfoot>
        </table>
      </section>
    </Section>
  );
}
