// The console's texts: no language lacks one or has one too many, each takes the same values in every language and has
// all the plural forms of its language, and none is left over that no page shows.
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { parse, TYPE } from "@formatjs/icu-messageformat-parser";

const SOURCES = new URL("console/src/", import.meta.url).pathname;
const MESSAGES = join(SOURCES, "i18n/messages");
const PARTS = readdirSync(MESSAGES);
const REFERENCE = "en";

const problems = [];

function flat(tree, path = "") {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[`${path}${key}`, value]] : flat(value, `${path}${key}.`),
  );
}

/** The names of what a text takes; complains of plural forms that its language lacks. */
function taken(elements, where, categories, names = new Set()) {
  for (const element of elements) {
    if (element.type !== TYPE.literal && element.type !== TYPE.pound) {
      names.add(element.value);
    }
    if (element.type === TYPE.plural) {
      for (const category of categories.filter((name) => !(name in element.options))) {
        problems.push(`${where}: the plural lacks “${category}”`);
      }
    }
    for (const option of Object.values(element.options ?? {})) {
      taken(option.value, where, categories, names);
    }
    taken(element.children ?? [], where, categories, names);
  }
  return names;
}

function read(locale) {
  const { pluralCategories } = new Intl.PluralRules(locale).resolvedOptions();
  const texts = PARTS.flatMap((part) => {
    const file = `${part}/${locale}.json`;
    return flat(JSON.parse(readFileSync(join(MESSAGES, file), "utf8"))).map(([key, text]) => [key, text, file]);
  });
  return new Map(
    texts.map(([key, text, file]) => {
      const where = `${file}: ${key}`;
      if (text.trim() === "") {
        problems.push(`${where}: is empty`);
      }
      try {
        return [key, [...taken(parse(text), where, pluralCategories)].sort().join(", ")];
      } catch (error) {
        problems.push(`${where}: ${error.message}`);
        return [key, ""];
      }
    }),
  );
}

const locales = readdirSync(join(MESSAGES, PARTS[0])).map((file) => file.replace(/\.json$/, ""));
const reference = read(REFERENCE);
for (const locale of locales.filter((name) => name !== REFERENCE)) {
  const texts = read(locale);
  for (const [key, names] of reference) {
    if (!texts.has(key)) {
      problems.push(`${locale}: ${key}: is missing`);
    } else if (texts.get(key) !== names) {
      problems.push(`${locale}: ${key}: takes (${texts.get(key)}), in ${REFERENCE} (${names})`);
    }
  }
  for (const key of texts.keys()) {
    if (!reference.has(key)) {
      problems.push(`${locale}: ${key}: is not in ${REFERENCE}`);
    }
  }
}

const code = readdirSync(SOURCES, { recursive: true })
  .filter((file) => [".ts", ".tsx"].includes(extname(file)))
  .map((file) => readFileSync(join(SOURCES, file), "utf8"))
  .join("\n");
const whole = new Set([...code.matchAll(/"([\w.-]+)"/g)].map((match) => match[1]));
const begun = [...code.matchAll(/`([\w-]+\.[\w.-]*)\$\{/g)].map((match) => match[1]);
for (const key of reference.keys()) {
  if (!whole.has(key) && !begun.some((start) => key.startsWith(start) && !key.slice(start.length).includes("."))) {
    problems.push(`${REFERENCE}: ${key}: no page shows it`);
  }
}

for (const problem of problems) {
  console.error(problem);
}
process.exit(problems.length > 0 ? 1 : 0);
