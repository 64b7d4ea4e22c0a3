// node declarations.mjs JCO-TRANSPILE WIT: prints the contract's types as a guest in QuickJS sees them.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, wit] = process.argv.slice(2);
// The documented function takes a path only, and cannot open it on Node.js 20.
const generator = await import(pathToFileURL(`${folder}/vendor/js-component-bindgen-component.js`));
await generator.$init;

const files = generator.generateTypes("plugin", {
  wit: { tag: "source", val: readFileSync(wit, "utf8") },
  world: "plugin",
  features: { tag: "list", val: [] },
  asyncMode: { tag: "sync" },
  guest: true,
});
for (const [name, bytes] of files) {
  if (!name.startsWith("interfaces/")) continue;
  const text = new TextDecoder().decode(bytes);
  // QuickJS gives `null` for none and takes `undefined` too; jco's own guests use `undefined` alone.
  const adapted = text
    .replace(/^\/\/\/ <reference.*\n/gm, "")
    .replace(/^( +\w+\?: .+),$/gm, "$1 | null,")
    .replace(/\| undefined;$/gm, "| null;")
    .replace(/ +$/gm, "");
  process.stdout.write(`${adapted.trimEnd()}\n\n`);
}
