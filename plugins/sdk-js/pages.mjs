// node pages.mjs: writes the pages of rules/*.md as a module, build/pages.js, since the component cannot read files.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";

const names = readdirSync("rules").filter((name) => name.endsWith(".md")).sort();
const pages = Object.fromEntries(names.map((name) => [name.slice(0, -3), readFileSync(`rules/${name}`, "utf8")]));
mkdirSync("build", { recursive: true });
writeFileSync("build/pages.js", `export default ${JSON.stringify(pages, null, 2)};\n`);
