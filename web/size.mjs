// The widget loads on every page of a shop: it stays under 30 KB gzipped.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 30 * 1024;
const size = gzipSync(readFileSync(new URL("../adapters/webchat/static/widget.js", import.meta.url))).length;
console.log(`widget.js: ${(size / 1024).toFixed(1)} KB gzipped (limit ${LIMIT / 1024})`);
if (size > LIMIT) {
  process.exit(1);
}
