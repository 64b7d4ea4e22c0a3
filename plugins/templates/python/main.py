"""The rules of the plugin {{name}}."""

from collections.abc import Iterator
from pathlib import Path

from pgassay_model import param
from pgassay_plugin import Finding, Plugin, Run, Severity, finding

plugin = Plugin(name="{{name}}", version="0.1.0", pages=Path(__file__).parent / "rules")


@plugin.rule(
    "application-name-missing",
    title="connection without `application_name`",
    severity=Severity.WARNING,
    reads=["conninfos"],
    tags=["replication"],
    references=[("docs", "libpq-connect.html#LIBPQ-PARAMKEYWORDS")],
)
def application_name_missing(run: Run) -> Iterator[Finding]:
    for conninfo in run.model.conninfos:
        if conninfo.origin == "primary_conninfo":
            what = "`primary_conninfo`"
        elif conninfo.origin == "subscription":
            what = f"the connection of subscription `{conninfo.name}`"
        else:
            continue
        # A service or a template may say it elsewhere.
        said = any(param(conninfo, keyword) for keyword in ("application_name", "service"))
        if not said and not conninfo.open and not conninfo.overridden:
            yield finding(
                conninfo.place,
                f"{what} does not say `application_name`",
                label="no `application_name`",
                help="add `application_name` with the name of the server that connects",
            )


Rules = plugin.component()
