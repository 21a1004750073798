// Colours and defaults of every page. What is read has a contrast of 4.5:1 and more, which Mantine's own greys lack.

import { type CSSVariablesResolver, createTheme, type MantineTheme } from "@mantine/core";

export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: { light: 7, dark: 8 },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily:
    "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Arabic', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
  headings: { fontWeight: "650" },
});

const SHADED = ["red", "orange", "yellow", "green", "teal", "blue", "indigo", "grape", "gray"];

/** Text on a light tint of its own colour: darker, or in the dark brighter. */
function onTints(theme: MantineTheme, color: (shades: readonly string[]) => string): Record<string, string> {
  return Object.fromEntries(
    SHADED.map((name) => [`--mantine-color-${name}-light-color`, color(theme.colors[name] ?? [])]),
  );
}

const DARKER: Record<string, string> = {
  orange: "#9a3412",
  yellow: "#7a4d00",
  green: "#1b6b2e",
  teal: "#05664c",
};

export const variables: CSSVariablesResolver = (theme) => ({
  variables: {},
  light: {
    ...onTints(theme, (shades) => shades[9] ?? ""),
    ...Object.fromEntries(
      Object.entries(DARKER).map(([name, color]) => [`--mantine-color-${name}-light-color`, color]),
    ),
    "--mantine-color-dimmed": "#545b64",
    "--mantine-color-placeholder": "#636b74",
    "--mantine-color-error": "#c92a2a",
    "--desk-nav": "#f6f7f9",
    "--desk-canvas": "#fbfbfc",
    "--desk-line": "#e4e7eb",
    "--desk-hover": "#eef0f3",
    "--desk-selected": "#e7ebff",
    "--desk-accent": "#3b5bdb",
    "--desk-customer": "#eef0f3",
    "--desk-agent": "#dfe5ff",
    "--desk-bot": "#ffffff",
    "--desk-note": "#fff4d1",
    "--desk-note-line": "#e0b94a",
    "--desk-found": "#fff0b3",
    "--desk-warning": "#a34400",
    "--desk-fine": "#1b6b2e",
    "--desk-bad": "#c92a2a",
  },
  dark: {
    ...onTints(theme, (shades) => shades[2] ?? ""),
    "--mantine-color-dimmed": "#a8adb5",
    "--mantine-color-placeholder": "#979ca4",
    "--mantine-color-error": "#ff8787",
    "--mantine-color-body": "#1b1d20",
    "--desk-nav": "#151619",
    "--desk-canvas": "#18191c",
    "--desk-line": "#303338",
    "--desk-hover": "#25282c",
    "--desk-selected": "#2a3152",
    "--desk-accent": "#91a7ff",
    "--desk-customer": "#2a2d32",
    "--desk-agent": "#2c3560",
    "--desk-bot": "#1f2125",
    "--desk-note": "#37301b",
    "--desk-note-line": "#80692a",
    "--desk-found": "#4d4316",
    "--desk-warning": "#ffa94d",
    "--desk-fine": "#8ce99a",
    "--desk-bad": "#ff8787",
  },
});
