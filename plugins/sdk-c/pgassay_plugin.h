// Writes a pgassay plugin in C. A plugin defines `plugin` and its rules' functions; pgassay_plugin.c does the rest.
//
// There are no files, no clock and no output: what needs them, snprintf too, does not link. `host_log` says something.
// A `pgassay_string_t` is UTF-8 with a length and without a terminating zero. A rule frees nothing: what the functions
// here give it is there until all rules have run, and what it gives them is copied.

#pragma once

#include "pgassay.h"

// The set of the majors from `first` to `last`, both included.
#define PLUGIN_MAJORS(first, last) ((2u << (last)) - (1u << (first)))

// The text with a string for each `{}`: PLUGIN_FORMAT("slot `{}` of `{}`", slot, subscription).
#define PLUGIN_FORMAT(text, ...)                                                                                       \
  plugin_format(text, (const pgassay_string_t[]){__VA_ARGS__},                                                         \
                sizeof((const pgassay_string_t[]){__VA_ARGS__}) / sizeof(pgassay_string_t))

// What a rule is called with.
typedef struct {
  const pgassay_context_t *context;
  const pgassay_model_t *model;
  // What the user gave, an object in JSON that the host has checked against the schema; see pgassay_json.h.
  pgassay_string_t options;
} plugin_run;

typedef struct plugin_findings plugin_findings;
typedef struct plugin_problems plugin_problems;

// A rule. What may be left out has the value that its comment ends with.
typedef struct {
  // The part after the plugin's name.
  const char *id;
  const char *title;
  // The page in Markdown; plugin.mk makes `page_ID` from rules/ID.md.
  const char *page;
  pgassay_severity_t severity;
  pgassay_confidence_t confidence;
  pgassay_effect_t effect;
  // `default` or `strict`; `default`.
  const char *profile;
  // On which it can hold; those of the plugin.
  pgassay_majors_t majors;
  // The parts of the model that it looks at, as the contract calls them, with commas between; everything. What is left
  // out is empty when it is called.
  const char *reads;
  // Words with commas between; none.
  const char *tags;
  // `0.1` to `10.0`, with the tag `security`; none.
  const char *security_severity;
  // Kind and id in turn, then NULL; none.
  const char *const *references;
  // `none`, `safe` or `unsafe`; `none`.
  const char *fix;
  const char *since;
  void (*check)(const plugin_run *run, plugin_findings *out);
} plugin_rule;

// To be defined by the plugin.
extern const struct plugin {
  const char *name;
  const char *version;
  pgassay_majors_t majors;
  // A JSON Schema. Without one the plugin takes no options.
  const char *options_schema;
  // Finds what a schema cannot say. May be left out.
  void (*check_options)(pgassay_string_t options, plugin_problems *out);
  const plugin_rule *rules;
  size_t rule_count;
} plugin;

// Adds a finding; an empty `help` is none. It holds on every major that the place is judged for. The result is there
// until the next call: its numbers may be set, its strings by the functions below only.
pgassay_finding_t *plugin_add(plugin_findings *out, pgassay_place_t place, pgassay_string_t label,
                              pgassay_string_t message, pgassay_string_t help);

// Says on which majors the finding holds, where those are not all that the place is judged for: a line that only some of
// them read. With an empty set it is no finding.
void plugin_on(pgassay_finding_t *finding, pgassay_majors_t majors);

// Adds another place.
void plugin_relate(pgassay_finding_t *finding, pgassay_place_t place, pgassay_string_t label);

// Says what the finding is about, if one place has several of one rule. Once for a finding.
void plugin_subject(pgassay_finding_t *finding, pgassay_string_t subject);

// Gives the finding a fix, once, and the fix its edits.
void plugin_fix(pgassay_finding_t *finding, pgassay_string_t title, bool safe);
void plugin_edit(pgassay_finding_t *finding, pgassay_place_t place, pgassay_string_t replacement);

// Adds a problem of the options. `pointer` is a JSON pointer.
void plugin_problem(plugin_problems *out, const char *pointer, pgassay_string_t message);

pgassay_string_t plugin_text(const char *text);
pgassay_string_t plugin_format(const char *text, const pgassay_string_t *parts, size_t count);
bool plugin_equal(pgassay_string_t left, pgassay_string_t right);
bool plugin_is(pgassay_string_t text, const char *other);
bool plugin_starts_with(pgassay_string_t text, pgassay_string_t prefix);
bool plugin_contains(pgassay_string_t text, const char *part);

// Memory for a rule, which nobody frees. It stops the plugin if there is none.
void *plugin_allocate(size_t size);

// The string option of that name, or `otherwise`.
pgassay_string_t plugin_string_option(const plugin_run *run, const char *name, const char *otherwise);

// A setting that some file of the node defines, or NULL. Definitions that are `overridden` do not count.
const pgassay_setting_t *plugin_setting(const pgassay_node_t *node, const char *name);

// The parameter of that keyword that counts, or NULL.
const pgassay_conninfo_param_t *plugin_param(const pgassay_conninfo_t *conninfo, const char *keyword);

// A part of the text of a file. `host_locate` gives the place of what lies from `start` to `end`.
typedef struct {
  uint32_t file, start, end;
  pgassay_string_t text;
} plugin_part;

// What follows a place, up to the end of the line and without that. It is false for a place that was not shown.
bool plugin_line_after(pgassay_place_t place, plugin_part *part);

// The comment behind a whole row or definition, from its `#` on. It is false if the line has none. It is for the server's
// configuration files: in them a `#` that is not in quotes starts a comment, and no quote is open there.
bool plugin_comment_after(pgassay_place_t place, plugin_part *part);

// Whether a network, given by its octets and the length of its mask, holds every address of a row's network.
bool plugin_network_contains(const uint8_t *octets, size_t count, unsigned prefix, const pgassay_hba_address_t *inner);
