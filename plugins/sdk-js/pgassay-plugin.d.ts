/// <reference path="./pgassay-wit.d.ts" />

import type {
  Confidence, Conninfo, ConninfoParam, Context, Definition, Edit, Effect, Effective, Fix, HbaAddress, Label, Majors,
  Model, Node, OptionProblem, Place, Reference, Severity,
} from "pgassay:plugin/types@0.1.0";
import type * as rules from "pgassay:plugin/rules@0.1.0";

export type * from "pgassay:plugin/types@0.1.0";
export * as host from "pgassay:plugin/host@0.1.0";

/** What a rule is called with. */
export interface Run<Options = Record<string, any>> {
  context: Context;
  model: Model;
  /** What the user gave. The host has checked it against the schema. */
  options: Options;
}

/** What a rule yields. */
export interface Found {
  place: Place;
  /** Lower case, no full stop, names the thing and the value. */
  message: string;
  /** What is said of the place. */
  label?: string;
  help?: string;
  related?: Label[];
  /**
   * On which it holds, where those are not all that the place is judged for: a line that only some of them read. With an
   * empty set, 0, it is no finding.
   */
  majors?: Majors;
  /** What it is about, if one place has several findings of one rule. */
  subject?: string;
  severity?: Severity;
  confidence?: Confidence;
  fix?: Fix;
}

/** A part of a file's text. `host.locate(file, start, end)` gives its place. */
export interface Part {
  file: number;
  /** In bytes, as everywhere; `text.length` is something else. */
  start: number;
  end: number;
  text: string;
}

export interface Rule<Options = Record<string, any>> {
  /** The part after the plugin's name. The page is rules/ID.md. */
  id: string;
  title: string;
  /** `warning` if it is not given. */
  severity?: Severity;
  /** `high` if it is not given. */
  confidence?: Confidence;
  /** `risk` if it is not given. */
  effect?: Effect;
  /** `default` (if it is not given) or `strict`. */
  profile?: string;
  majors?: Majors;
  /**
   * The parts of the model that it looks at: `settings`, `setting:NAME`, `access`, `conninfos`, `statements`. Everything
   * if it is not given; what is left out is empty when it is called.
   */
  reads?: string[];
  tags?: string[];
  securitySeverity?: string;
  references?: Reference[];
  fix?: "none" | "safe" | "unsafe";
  since?: string;
  check(run: Run<Options>): Iterable<Found>;
}

export interface Plugin<Options = Record<string, any>> {
  name: string;
  version: string;
  /** 10 to 18 if it is not given. */
  majors?: Majors;
  /** What pages.mjs wrote. */
  pages: Record<string, string>;
  /** A JSON Schema. Without one the plugin takes no options. */
  optionsSchema?: object;
  /** Finds what a schema cannot say. */
  checkOptions?(options: Options): Iterable<OptionProblem>;
  rules: Rule<Options>[];
}

export function definePlugin<Options = Record<string, any>>(plugin: Plugin<Options>): typeof rules;
export function majors(first: number, last: number): Majors;
export function hasMajor(set: Majors, major: number): boolean;
export function definitions(node: Node, name: string): Definition[];
export function effective(node: Node, name: string, major: number): Effective | undefined;
export function majorsWith(node: Node, name: string, value: string): Majors;
export function param(conninfo: Conninfo, keyword: string): ConninfoParam | undefined;
export function lineAfter(place: Place): Part | undefined;
export function commentAfter(place: Place): Part | undefined;
export function contains(outer: string, address: HbaAddress): boolean;
