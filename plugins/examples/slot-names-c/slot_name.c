// The rule `slot-name`: names of replication slots start with a prefix.

#include "pages.h"
#include "pgassay_plugin.h"

typedef struct {
  plugin_findings *out;
  pgassay_string_t prefix;
} search;

// Judges a name: the finding, or NULL. `words` says what is named.
static pgassay_finding_t *judge(search *search, pgassay_place_t place, pgassay_string_t name, pgassay_string_t words) {
  if (plugin_starts_with(name, search->prefix)) return NULL;
  pgassay_string_t verdict = PLUGIN_FORMAT("does not start with `{}`", search->prefix);
  return plugin_add(search->out, place, verdict, PLUGIN_FORMAT("{} {}", words, verdict),
                    PLUGIN_FORMAT("call it `{}{}`", search->prefix, name));
}

static void given(search *search, const pgassay_subscription_t *subscription) {
  if (!plugin_is(subscription->action, "create") && !plugin_is(subscription->action, "options")) return;
  for (size_t i = 0; i < subscription->options.len; i++) {
    const pgassay_sql_option_t *option = &subscription->options.ptr[i];
    if (plugin_is(option->name, "slot_name") && !option->dynamic && !plugin_is(option->value, "none")) {
      judge(search, option->place, option->value,
            PLUGIN_FORMAT("slot `{}` of subscription `{}`", option->value, subscription->name.text));
    }
  }
}

static void implied(search *search, const pgassay_subscription_t *subscription) {
  if (!plugin_is(subscription->action, "create") || subscription->name.dynamic) return;
  for (size_t i = 0; i < subscription->options.len; i++) {
    const pgassay_sql_option_t *option = &subscription->options.ptr[i];
    bool may_be_off = option->dynamic || (option->truth.is_some && !option->truth.val);
    // `connect = false` makes no slot either. What is known only at run time may be false.
    bool makes_none = may_be_off && (plugin_is(option->name, "create_slot") || plugin_is(option->name, "connect"));
    if (makes_none || plugin_is(option->name, "slot_name")) return;
  }
  pgassay_string_t name = subscription->name.text;
  judge(search, subscription->name.place, name,
        PLUGIN_FORMAT("subscription `{}` makes a slot of its own name, which", name));
}

static void called(search *search, const pgassay_statement_t *statement) {
  if (!plugin_is(statement->kind, "replication slot")) return;
  const pgassay_list_property_t *properties = &statement->properties;
  bool creates = false;
  for (size_t i = 0; i < properties->len; i++) {
    const pgassay_property_t *property = &properties->ptr[i];
    creates |= plugin_is(property->name, "function") && plugin_contains(property->value, "create");
  }
  for (size_t i = 0; creates && i < properties->len; i++) {
    const pgassay_property_t *property = &properties->ptr[i];
    if (plugin_is(property->name, "slot_name") && !property->dynamic) {
      judge(search, property->place, property->value, PLUGIN_FORMAT("slot `{}`", property->value));
    }
  }
}

static pgassay_finding_t *defined(search *search, const pgassay_definition_t *definition) {
  if (definition->overridden || definition->dynamic || definition->text.len == 0) return NULL;
  return judge(search, definition->value_place, definition->text,
               PLUGIN_FORMAT("`primary_slot_name` `{}`", definition->text));
}

static void followed(search *search, const pgassay_node_t *node) {
  const pgassay_setting_t *setting = plugin_setting(node, "primary_slot_name");
  for (size_t i = 0; setting && i < setting->definitions.len; i++) defined(search, &setting->definitions.ptr[i]);
  const pgassay_list_definition_t *recovery = &node->recovery.definitions;
  for (size_t i = 0; i < recovery->len; i++) {
    if (!plugin_is(recovery->ptr[i].name, "primary_slot_name")) continue;
    pgassay_finding_t *finding = defined(search, &recovery->ptr[i]);
    // Later majors do not read recovery.conf.
    if (finding) plugin_on(finding, node->majors & PLUGIN_MAJORS(10, 11));
  }
}

static void slot_name(const plugin_run *run, plugin_findings *out) {
  const pgassay_model_t *model = run->model;
  search search = {out, plugin_string_option(run, "prefix", "app_")};
  for (size_t i = 0; i < model->subscriptions.len; i++) given(&search, &model->subscriptions.ptr[i]);
  for (size_t i = 0; i < model->subscriptions.len; i++) implied(&search, &model->subscriptions.ptr[i]);
  for (size_t i = 0; i < model->statements.len; i++) called(&search, &model->statements.ptr[i]);
  for (size_t i = 0; i < model->nodes.len; i++) followed(&search, &model->nodes.ptr[i]);
}

static const plugin_rule rules[] = {{
    .id = "slot-name",
    .title = "name of a replication slot breaks the convention",
    .page = page_slot_name,
    .severity = PGASSAY_SEVERITY_WARNING,
    .confidence = PGASSAY_CONFIDENCE_HIGH,
    .effect = PGASSAY_EFFECT_RISK,
    .reads = "setting:primary_slot_name,statements",
    .tags = "naming",
    .references = (const char *const[]){"docs", "view-pg-replication-slots.html", NULL},
    .since = "0.1.0",
    .check = slot_name,
}};

const struct plugin plugin = {
    .name = "slots-c",
    .version = "0.1.0",
    .majors = PLUGIN_MAJORS(10, 18),
    .options_schema = "{\"type\":\"object\",\"additionalProperties\":false,"
                      "\"properties\":{\"prefix\":{\"type\":\"string\",\"minLength\":1}}}",
    .rules = rules,
    .rule_count = sizeof rules / sizeof rules[0],
};
