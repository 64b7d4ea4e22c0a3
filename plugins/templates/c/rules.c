// The rules of the plugin {{name}}.

#include "pages.h"
#include "pgassay_plugin.h"

static void application_name_missing(const plugin_run *run, plugin_findings *out) {
  for (size_t i = 0; i < run->model->conninfos.len; i++) {
    const pgassay_conninfo_t *conninfo = &run->model->conninfos.ptr[i];
    bool is_primary = plugin_is(conninfo->origin, "primary_conninfo");
    if (!is_primary && !plugin_is(conninfo->origin, "subscription")) continue;
    // A service or a template may say it elsewhere.
    bool said = plugin_param(conninfo, "application_name") || plugin_param(conninfo, "service");
    if (said || conninfo->open || conninfo->overridden) continue;
    pgassay_string_t what = is_primary ? plugin_text("`primary_conninfo`")
                                       : PLUGIN_FORMAT("the connection of subscription `{}`", conninfo->name);
    plugin_add(out, conninfo->place, plugin_text("no `application_name`"),
               PLUGIN_FORMAT("{} does not say `application_name`", what),
               plugin_text("add `application_name` with the name of the server that connects"));
  }
}

static const plugin_rule rules[] = {{
    .id = "application-name-missing",
    .title = "connection without `application_name`",
    .page = page_application_name_missing,
    .severity = PGASSAY_SEVERITY_WARNING,
    .confidence = PGASSAY_CONFIDENCE_HIGH,
    .effect = PGASSAY_EFFECT_RISK,
    .reads = "conninfos",
    .tags = "replication",
    .references = (const char *const[]){"docs", "libpq-connect.html#LIBPQ-PARAMKEYWORDS", NULL},
    .since = "0.1.0",
    .check = application_name_missing,
}};

const struct plugin plugin = {
    .name = "{{name}}",
    .version = "0.1.0",
    .majors = PLUGIN_MAJORS(10, 18),
    .rules = rules,
    .rule_count = sizeof rules / sizeof rules[0],
};
