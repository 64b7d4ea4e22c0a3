#include "pgassay_plugin.h"

#include <string.h>

#include "pgassay_json.h"
#include "pgassay_memory.h"

struct plugin_findings {
  pgassay_string_t rule;
  pgassay_finding_t *items;
  size_t count, room;
};

struct plugin_problems {
  exports_rules_option_problem_t *items;
  size_t count;
};

static pgassay_string_t options;

// What a plugin exports.

static pgassay_string_t owned(const char *text) { return plugin_own(plugin_text(text)); }

static pgassay_string_t rule_id(const plugin_rule *rule) {
  return PLUGIN_FORMAT("{}/{}", plugin_text(plugin.name), plugin_text(rule->id));
}

static pgassay_list_string_t words(const char *text) {
  pgassay_list_string_t list = {NULL, 0};
  while (text && *text) {
    size_t length = strcspn(text, ",");
    list.ptr = plugin_grow(list.ptr, list.len + 1, sizeof *list.ptr);
    list.ptr[list.len++] = plugin_own((pgassay_string_t){(uint8_t *)text, length});
    text += length + (text[length] == ',');
  }
  return list;
}

static pgassay_list_reference_t references(const char *const *pairs) {
  pgassay_list_reference_t list = {NULL, 0};
  for (; pairs && pairs[0] && pairs[1]; pairs += 2) {
    list.ptr = plugin_grow(list.ptr, list.len + 1, sizeof *list.ptr);
    list.ptr[list.len++] = (pgassay_reference_t){owned(pairs[0]), owned(pairs[1])};
  }
  return list;
}

static pgassay_option_string_t some(const char *text) {
  return text ? (pgassay_option_string_t){true, owned(text)} : (pgassay_option_string_t){0};
}

void exports_rules_describe(exports_rules_plugin_info_t *ret) {
  pgassay_rule_info_t *infos = plugin_grow(NULL, plugin.rule_count, sizeof *infos);
  for (size_t i = 0; i < plugin.rule_count; i++) {
    const plugin_rule *rule = &plugin.rules[i];
    infos[i] = (pgassay_rule_info_t){
        .id = plugin_own(rule_id(rule)),
        .title = owned(rule->title),
        .page = owned(rule->page),
        .severity = rule->severity,
        .confidence = rule->confidence,
        .effect = rule->effect,
        .profile = owned(rule->profile ? rule->profile : "default"),
        .majors = rule->majors ? rule->majors : plugin.majors,
        .reads = words(rule->reads),
        .tags = words(rule->tags),
        .security_severity = some(rule->security_severity),
        .references = references(rule->references),
        .fix = owned(rule->fix ? rule->fix : "none"),
        .since = owned(rule->since),
    };
  }
  *ret = (exports_rules_plugin_info_t){
      .name = owned(plugin.name),
      .version = owned(plugin.version),
      .majors = plugin.majors,
      .rules = {infos, plugin.rule_count},
      .options_schema = some(plugin.options_schema),
  };
  plugin_free_all();
}

bool exports_rules_configure(pgassay_string_t *given, exports_rules_list_option_problem_t *err) {
  pgassay_string_free(&options);
  options = *given;
  plugin_problems problems = {0};
  if (plugin.check_options) plugin.check_options(options, &problems);
  *err = (exports_rules_list_option_problem_t){problems.items, problems.count};
  plugin_free_all();
  return problems.count == 0;
}

static bool is_enabled(const pgassay_context_t *context, pgassay_string_t id) {
  for (size_t i = 0; i < context->enabled.len; i++) {
    if (plugin_equal(context->enabled.ptr[i], id)) return true;
  }
  return false;
}

bool exports_rules_check(exports_rules_context_t *context, exports_rules_model_t *model,
                         exports_rules_list_finding_t *ret, pgassay_string_t *err) {
  (void)err;
  plugin_run run = {context, model, options};
  plugin_findings out = {0};
  for (size_t i = 0; i < plugin.rule_count; i++) {
    out.rule = rule_id(&plugin.rules[i]);
    if (is_enabled(context, out.rule)) plugin.rules[i].check(&run, &out);
  }
  plugin_forget_texts();
  plugin_free_all();
  exports_rules_context_free(context);
  exports_rules_model_free(model);
  *ret = (exports_rules_list_finding_t){out.items, out.count};
  return true;
}

// What rules call.

pgassay_finding_t *plugin_add(plugin_findings *out, pgassay_place_t place, pgassay_string_t label,
                              pgassay_string_t message, pgassay_string_t help) {
  if (out->count == out->room) {
    out->room = out->room ? out->room * 2 : 16;
    out->items = plugin_grow(out->items, out->room, sizeof *out->items);
  }
  pgassay_finding_t *finding = &out->items[out->count++];
  *finding = (pgassay_finding_t){
      .rule = plugin_own(out->rule),
      .message = plugin_own(message),
      .help = {help.len > 0, plugin_own(help)},
      .primary = {place, plugin_own(label)},
  };
  return finding;
}

void plugin_on(pgassay_finding_t *finding, pgassay_majors_t majors) {
  finding->majors = (pgassay_option_majors_t){true, majors};
}

void plugin_relate(pgassay_finding_t *finding, pgassay_place_t place, pgassay_string_t label) {
  pgassay_list_label_t *list = &finding->related;
  list->ptr = plugin_grow(list->ptr, list->len + 1, sizeof *list->ptr);
  list->ptr[list->len++] = (pgassay_label_t){place, plugin_own(label)};
}

void plugin_subject(pgassay_finding_t *finding, pgassay_string_t subject) {
  finding->subject = (pgassay_option_string_t){true, plugin_own(subject)};
}

void plugin_fix(pgassay_finding_t *finding, pgassay_string_t title, bool safe) {
  finding->fix = (pgassay_option_fix_t){true, {plugin_own(title), safe, {NULL, 0}}};
}

void plugin_edit(pgassay_finding_t *finding, pgassay_place_t place, pgassay_string_t replacement) {
  pgassay_list_edit_t *list = &finding->fix.val.edits;
  list->ptr = plugin_grow(list->ptr, list->len + 1, sizeof *list->ptr);
  list->ptr[list->len++] = (pgassay_edit_t){place, plugin_own(replacement)};
}

void plugin_problem(plugin_problems *out, const char *pointer, pgassay_string_t message) {
  out->items = plugin_grow(out->items, out->count + 1, sizeof *out->items);
  out->items[out->count++] = (exports_rules_option_problem_t){owned(pointer), plugin_own(message)};
}

pgassay_string_t plugin_string_option(const plugin_run *run, const char *name, const char *otherwise) {
  pgassay_string_t value, text;
  bool is_there = plugin_json_member(run->options, name, &value) && plugin_json_string(value, &text);
  return is_there ? text : plugin_text(otherwise);
}

const pgassay_setting_t *plugin_setting(const pgassay_node_t *node, const char *name) {
  for (size_t i = 0; i < node->settings.len; i++) {
    if (plugin_is(node->settings.ptr[i].name, name)) return &node->settings.ptr[i];
  }
  return NULL;
}

const pgassay_conninfo_param_t *plugin_param(const pgassay_conninfo_t *conninfo, const char *keyword) {
  for (size_t i = 0; i < conninfo->params.len; i++) {
    const pgassay_conninfo_param_t *param = &conninfo->params.ptr[i];
    if (!param->overridden && plugin_is(param->keyword, keyword)) return param;
  }
  return NULL;
}

bool plugin_network_contains(const uint8_t *octets, size_t count, unsigned prefix, const pgassay_hba_address_t *inner) {
  // Keywords and host names have no octets; a mask with holes has no prefix.
  if (inner->octets.len != count || !inner->prefix.is_some || inner->prefix.val < prefix || prefix > count * 8) {
    return false;
  }
  for (unsigned bit = 0; bit < prefix; bit++) {
    if ((octets[bit / 8] ^ inner->octets.ptr[bit / 8]) >> (7 - bit % 8) & 1) return false;
  }
  return true;
}
