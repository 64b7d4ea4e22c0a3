// The rule `slot-name`: names of replication slots start with a prefix.

import { definePlugin, definitions, majors } from "../../../sdk-js/pgassay-plugin.js";
import pages from "../build/pages.js";

export const rules = definePlugin({
  name: "slots-js",
  version: "0.1.0",
  pages,
  optionsSchema: {
    type: "object",
    additionalProperties: false,
    properties: { prefix: { type: "string", minLength: 1 } },
  },
  rules: [
    {
      id: "slot-name",
      title: "name of a replication slot breaks the convention",
      severity: "warning",
      reads: ["setting:primary_slot_name", "statements"],
      tags: ["naming"],
      references: [{ kind: "docs", id: "view-pg-replication-slots.html" }],
      *check({ model, options }) {
        const prefix = options.prefix ?? "app_";
        for (const [place, name, words, majors] of slots(model)) {
          if (name.startsWith(prefix)) continue;
          const verdict = `does not start with \`${prefix}\``;
          const help = `call it \`${prefix}${name}\``;
          yield { place, message: `${words} ${verdict}`, label: verdict, help, majors };
        }
      },
    },
  ],
});

/**
 * The names of slots that are known: place, name, the words that say what is named, and the majors that read it, if
 * those are not all that the place is judged for.
 * @param {import("../../../sdk-js/pgassay-plugin.js").Model} model
 * @returns {Iterable<[number, string, string, number?]>}
 */
function* slots(model) {
  for (const { action, name, options } of model.subscriptions) {
    if (action !== "create" && action !== "options") continue;
    for (const option of options) {
      if (option.name === "slot_name" && !option.dynamic && option.value !== "none") {
        yield [option.place, option.value, `slot \`${option.value}\` of subscription \`${name.text}\``];
      }
    }
  }
  for (const { action, name, options } of model.subscriptions) {
    if (action === "create" && !name.dynamic && !options.some(namesOrMakesNone)) {
      yield [name.place, name.text, `subscription \`${name.text}\` makes a slot of its own name, which`];
    }
  }
  for (const { kind, properties } of model.statements) {
    const creates = properties.some(({ name, value }) => name === "function" && value.includes("create"));
    if (kind !== "replication slot" || !creates) continue;
    for (const { name, value, dynamic, place } of properties) {
      if (name === "slot_name" && !dynamic) yield [place, value, `slot \`${value}\``];
    }
  }
  for (const node of model.nodes) {
    for (const { text, dynamic, valuePlace } of definitions(node, "primary_slot_name")) {
      if (!dynamic && text !== "") yield [valuePlace, text, `\`primary_slot_name\` \`${text}\``];
    }
    // Later majors do not read recovery.conf.
    const readers = node.majors & majors(10, 11);
    for (const { name, text, dynamic, overridden, valuePlace } of node.recovery.definitions) {
      if (name !== "primary_slot_name" || dynamic || overridden || text === "") continue;
      yield [valuePlace, text, `\`primary_slot_name\` \`${text}\``, readers];
    }
  }
}

/**
 * Whether an option gives the slot's name, or keeps the subscription from making one.
 * @param {import("../../../sdk-js/pgassay-plugin.js").SqlOption} option
 */
function namesOrMakesNone({ name, truth, dynamic }) {
  // `connect = false` makes no slot either. What is known only at run time may be false.
  const makesNone = name === "create_slot" || name === "connect";
  return name === "slot_name" || (makesNone && (dynamic || truth === false));
}
