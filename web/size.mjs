// What pages weigh, gzipped: the widget loads on every page of a shop, and the console's inbox is opened all day.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const STATIC = new URL("../adapters/", import.meta.url);
const KB = 1024;

const weigh = (file) => gzipSync(readFileSync(new URL(file, STATIC))).length;

/** Every file that a browser gets for some modules, without what it gets later. */
function loadedBy(manifest, modules, files = new Set()) {
  for (const name of modules) {
    const chunk = manifest[name];
    if (!files.has(chunk.file)) {
      files.add(chunk.file);
      for (const style of chunk.css ?? []) {
        files.add(style);
      }
      loadedBy(manifest, chunk.imports ?? [], files);
    }
  }
  return files;
}

function check(what, bytes, limit) {
  console.log(`${what}: ${(bytes / KB).toFixed(1)} KB gzipped (limit ${limit} KB)`);
  return bytes <= limit * KB;
}

const manifest = JSON.parse(readFileSync(new URL("console/static/.vite/manifest.json", STATIC), "utf8"));
// Until the inbox is seen: the frame, the inbox, and one language.
const first = loadedBy(manifest, ["index.html", "src/inbox/Inbox.tsx", "src/i18n/messages/desk/ar.json"]);
const console_ = [...first].reduce((sum, file) => sum + weigh(`console/static/${file}`), 0);

const fine = [check("widget.js", weigh("webchat/static/widget.js"), 30), check("console, first load", console_, 300)];
process.exit(fine.every(Boolean) ? 0 : 1);
