// A component whose styles are missing looks broken, and nothing else would say so.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { test } from "node:test";

const SOURCES = new URL("../src/", import.meta.url);
const STYLES = new URL("../../node_modules/@mantine/core/styles/", import.meta.url);

test("every component of Mantine that is used brings its styles", () => {
  const brought = readFileSync(new URL("styles.ts", SOURCES), "utf8");
  const used = globSync("**/*.tsx", { cwd: SOURCES }).flatMap((file) =>
    [...readFileSync(new URL(file, SOURCES), "utf8").matchAll(/import \{([^}]*)\} from "@mantine\/core"/g)].flatMap(
      ([, names]) => names.match(/\b[A-Z]\w+/g) ?? [],
    ),
  );
  const wanted = [...new Set(used)].filter((name) => existsSync(new URL(`${name}.css`, STYLES)));
  assert.ok(wanted.length > 20);
  assert.deepEqual(
    wanted.filter((name) => !brought.includes(`/${name}.css`)),
    [],
  );
});
