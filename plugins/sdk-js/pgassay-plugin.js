// Writes a pgassay plugin in JavaScript: `export const rules = definePlugin({...})`.
//
// The module runs once when the component is built, and what it leaves in memory is kept. There are no files, no
// clock and no network, neither then nor later. The types are in pgassay-plugin.d.ts.

import * as host from "pgassay:plugin/host@0.1.0";

export { host };

const text = (values) => values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(" ");

// QuickJS has no console; `pgassay --verbose` shows what goes to the host.
globalThis.console ??= {
  log: (...values) => host.log("info", text(values)),
  warn: (...values) => host.log("warning", text(values)),
  error: (...values) => host.log("error", text(values)),
};

/** The set of the majors from `first` to `last`, both included. */
export function majors(first, last) {
  let set = 0;
  for (let major = first; major <= last; major++) set |= 1 << major;
  return set;
}

/** Whether the set has that major. */
export function hasMajor(set, major) {
  return ((set >> major) & 1) === 1;
}

/** What the component exports as `rules`. */
export function definePlugin(plugin) {
  const all = plugin.majors ?? majors(10, 18);
  const rules = plugin.rules.map((rule) => ({ info: ruleInfo(plugin, rule, all), check: (run) => rule.check(run) }));
  const schema = plugin.optionsSchema && JSON.stringify(plugin.optionsSchema);
  let options = {};

  return {
    describe() {
      const infos = rules.map((rule) => rule.info);
      return { name: plugin.name, version: plugin.version, majors: all, rules: infos, optionsSchema: schema };
    },

    configure(json) {
      let problems;
      try {
        options = JSON.parse(json);
        problems = [...(plugin.checkOptions?.(options) ?? [])];
      } catch (error) {
        problems = [{ pointer: "", message: trace(error) }];
      }
      // To throw a value is to give it as the error of the call.
      if (problems.length > 0) throw problems;
    },

    check(context, model) {
      texts.clear();
      try {
        const run = { context, model, options };
        const enabled = rules.filter(({ info }) => context.enabled.includes(info.id));
        return enabled.flatMap(({ info, check }) => Array.from(check(run), (found) => finding(info.id, found)));
      } catch (error) {
        throw trace(error);
      }
    },
  };
}

/** The message and where it came from. QuickJS leaves the message out of `stack`. */
function trace(error) {
  return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error);
}

function ruleInfo(plugin, rule, all) {
  const page = plugin.pages[rule.id];
  // Here an error stops the build.
  if (page === undefined) throw new Error(`there is no page rules/${rule.id}.md`);
  return {
    id: `${plugin.name}/${rule.id}`,
    title: rule.title,
    page,
    severity: rule.severity ?? "warning",
    confidence: rule.confidence ?? "high",
    effect: rule.effect ?? "risk",
    profile: rule.profile ?? "default",
    majors: rule.majors ?? all,
    reads: rule.reads ?? [],
    tags: rule.tags ?? [],
    securitySeverity: rule.securitySeverity,
    references: rule.references ?? [],
    fix: rule.fix ?? "none",
    since: rule.since ?? "0.1.0",
  };
}

function finding(rule, { label = "", ...found }) {
  // What has another type than the contract's stops the component on its way out, without a word.
  const { place, message } = found;
  if (typeof place !== "number" || typeof message !== "string" || typeof label !== "string") {
    throw new TypeError(`a finding without a place and a message: ${JSON.stringify({ label, ...found })}`);
  }
  return {
    rule,
    severity: found.severity,
    confidence: found.confidence,
    message,
    help: found.help,
    primary: { place, text: label },
    related: found.related ?? [],
    majors: found.majors,
    subject: found.subject,
    fix: found.fix,
  };
}

/** The definitions of a setting that count: those that no later one takes the place of. */
export function definitions(node, name) {
  const settings = node.settings.filter((setting) => setting.name === name);
  return settings.flatMap((setting) => setting.definitions).filter((definition) => !definition.overridden);
}

/** The value of a setting on one major, whether a file defines it or not. */
export function effective(node, name, major) {
  return host.effectiveSetting(node.number, name).find((value) => hasMajor(value.majors, major));
}

/** The majors of a node on which a setting is known to have a value, set or by default, as SHOW prints it. */
export function majorsWith(node, name, value) {
  const known = host.effectiveSetting(node.number, name).filter(({ state }) => state === "set" || state === "default");
  return known.filter((it) => it.value === value).reduce((set, it) => set | it.majors, 0);
}

/** The parameter of that keyword that counts. */
export function param(conninfo, keyword) {
  return conninfo.params.find((param) => param.keyword === keyword && !param.overridden);
}

/** What follows a place, up to the end of the line and without that. */
export function lineAfter(place) {
  const range = host.textRange(place);
  const lines = range && linesOf(range.file);
  if (!lines) return undefined;
  // The last line that starts at or before the end of the place.
  let [low, high] = [0, lines.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lines[middle].start <= range.end) low = middle;
    else high = middle - 1;
  }
  const rest = withoutBytes(lines[low].text, range.end - lines[low].start);
  return part(range.file, range.end, low < lines.length - 1 ? rest.replace(/\r$/, "") : rest);
}

/**
 * The comment behind a whole row or definition, from its `#` on. It is for the server's configuration files: in them a
 * `#` that is not in quotes starts a comment, and no quote is open there.
 */
export function commentAfter(place) {
  const line = lineAfter(place);
  const at = line ? line.text.indexOf("#") : -1;
  if (at < 0) return undefined;
  return part(line.file, line.start + bytes(line.text.slice(0, at)), line.text.slice(at));
}

function part(file, start, text) {
  return { file, start, end: start + bytes(text), text };
}

/** The lines of files and the byte with which each starts; a file is asked for once. */
const texts = new Map();

function linesOf(file) {
  if (!texts.has(file)) {
    let start = 0;
    const lines = host.fileText(file)?.split("\n").map((text) => {
      const line = { start, text };
      start += bytes(text) + 1;
      return line;
    });
    texts.set(file, lines);
  }
  return texts.get(file);
}

/** The length of a text in UTF-8: positions are in bytes, and JavaScript counts in UTF-16. */
function bytes(text) {
  if (/^[\0-\x7f]*$/.test(text)) return text.length;
  let length = 0;
  for (const sign of text) length += width(sign);
  return length;
}

/** The text without its first bytes. */
function withoutBytes(text, count) {
  let at = 0;
  for (const sign of text) {
    if (count <= 0) break;
    count -= width(sign);
    at += sign.length;
  }
  return text.slice(at);
}

function width(sign) {
  const code = sign.codePointAt(0);
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** Whether `outer`, such as `10.0.0.0/8`, holds every address of a row's network. */
export function contains(outer, address) {
  const [text, length] = outer.split("/");
  const octets = parseAddress(text);
  const bits = length === undefined ? octets.length * 8 : Number(length);
  // Keywords and host names have no octets; a mask with holes has no prefix.
  if (octets.length !== address.octets.length || address.prefix == null || address.prefix < bits) return false;
  return octets.every((octet, index) => {
    const mask = (0xff00 >> Math.min(8, Math.max(0, bits - index * 8))) & 0xff;
    return ((octet ^ address.octets[index]) & mask) === 0;
  });
}

function parseAddress(text) {
  if (!text.includes(":")) return text.split(".").map(Number);
  const groups = (part) => (part ? part.split(":").flatMap(octetsOfGroup) : []);
  const [head, tail] = text.split("::");
  const [before, after] = [groups(head), groups(tail)];
  return [...before, ...Array(16 - before.length - after.length).fill(0), ...after];
}

/** An IPv6 address may end in an IPv4 address. */
function octetsOfGroup(group) {
  if (group.includes(".")) return group.split(".").map(Number);
  const number = Number.parseInt(group, 16);
  return [number >> 8, number & 0xff];
}
