// The rules of the plugin {{name}}.

import { definePlugin, param } from "../sdk/pgassay-plugin.js";
import pages from "../build/pages.js";

export const rules = definePlugin({
  name: "{{name}}",
  version: "0.1.0",
  pages,
  rules: [
    {
      id: "application-name-missing",
      title: "connection without `application_name`",
      severity: "warning",
      reads: ["conninfos"],
      tags: ["replication"],
      references: [{ kind: "docs", id: "libpq-connect.html#LIBPQ-PARAMKEYWORDS" }],
      *check({ model }) {
        for (const conninfo of model.conninfos) {
          const what = subject(conninfo);
          // A service or a template may say it elsewhere.
          const said = param(conninfo, "application_name") ?? param(conninfo, "service");
          if (!what || said || conninfo.open || conninfo.overridden) continue;
          yield {
            place: conninfo.place,
            message: `${what} does not say \`application_name\``,
            label: "no `application_name`",
            help: "add `application_name` with the name of the server that connects",
          };
        }
      },
    },
  ],
});

/** @param {import("../sdk/pgassay-plugin.js").Conninfo} conninfo */
function subject({ origin, name }) {
  if (origin === "primary_conninfo") return "`primary_conninfo`";
  if (origin === "subscription") return `the connection of subscription \`${name}\``;
}
