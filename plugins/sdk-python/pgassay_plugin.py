"""Writes a pgassay plugin in Python.

A plugin is a module with a `Plugin`, functions marked with its `rule`, and a last line `Rules = plugin.component()`.

componentize-py imports the module when it builds the component and keeps the memory that this leaves. What a rule
needs is therefore imported at the top of its module: at run time there are no files to import from or to open. There is
no clock either, and `random` gives the same numbers in every run. An exception becomes the error of the call.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import host
from wit_world.imports.types import (
    Confidence,
    Context,
    Edit,
    Effect,
    Finding,
    Fix,
    Label,
    Model,
    OptionProblem,
    PluginInfo,
    Reference,
    RuleInfo,
    Severity,
)

from pgassay_model import forget_texts, majors

__all__ = [
    "Confidence",
    "Context",
    "Edit",
    "Effect",
    "Finding",
    "Fix",
    "Model",
    "OptionProblem",
    "Plugin",
    "Run",
    "Severity",
    "finding",
    "host",
]


@dataclass(frozen=True)
class Run:
    """What a rule is called with."""

    context: Context
    model: Model
    #: What the user gave, as read from JSON. The host has checked it against the schema.
    options: Mapping[str, Any]


Check = Callable[[Run], Iterable[Finding]]


@dataclass
class Plugin:
    """A plugin. `pages` is the folder that holds the page of each rule as `ID.md`; they are read at build time."""

    name: str
    version: str
    pages: Path
    majors: int = majors(10, 18)
    #: A JSON Schema. Without one the plugin takes no options.
    options_schema: Mapping[str, Any] | None = None
    #: Finds what a schema cannot say.
    check_options: Callable[[Mapping[str, Any]], Iterable[OptionProblem]] = lambda options: ()
    _rules: list[tuple[RuleInfo, Check]] = field(default_factory=list)
    _options: Mapping[str, Any] = field(default_factory=dict)

    def rule(
        self,
        id: str,
        *,
        title: str,
        severity: Severity = Severity.WARNING,
        confidence: Confidence = Confidence.HIGH,
        effect: Effect = Effect.RISK,
        profile: str = "default",
        majors: int | None = None,
        reads: Iterable[str] = (),
        tags: Iterable[str] = (),
        security_severity: str | None = None,
        references: Iterable[tuple[str, str]] = (),
        fix: str = "none",
        since: str = "0.1.0",
    ) -> Callable[[Check], Check]:
        """Makes a function that yields findings a rule of the plugin. `id` is the part after the plugin's name.

        `reads` names the parts of the model that it looks at: `settings`, `setting:NAME`, `access`, `conninfos`,
        `statements`. Without them it is everything; what is left out is empty when the rule runs.
        """
        info = RuleInfo(
            id=f"{self.name}/{id}",
            title=title,
            page=(self.pages / f"{id}.md").read_text(encoding="utf-8"),
            severity=severity,
            confidence=confidence,
            effect=effect,
            profile=profile,
            majors=self.majors if majors is None else majors,
            reads=list(reads),
            tags=list(tags),
            security_severity=security_severity,
            references=[Reference(kind, id) for kind, id in references],
            fix=fix,
            since=since,
        )

        def add(check: Check) -> Check:
            self._rules.append((info, check))
            return check

        return add

    def component(self) -> type[exports.Rules]:
        """The class that componentize-py looks for under the name `Rules`."""
        plugin = self
        sys.stdout = sys.stderr = _Log()
        # Made here, since an error stops the build now, and the component without a word later.
        schema = None if self.options_schema is None else json.dumps(self.options_schema, separators=(",", ":"))
        info = PluginInfo(self.name, self.version, self.majors, [rule for rule, _ in self._rules], schema)

        class Rules(exports.Rules):
            def describe(self) -> PluginInfo:
                return info

            def configure(self, options: str) -> None:
                sys.addaudithook(_refuse_files)
                try:
                    plugin._options = json.loads(options)
                    problems = list(plugin.check_options(plugin._options))
                except Exception as error:
                    problems = [OptionProblem("", _trace(error))]
                if problems:
                    raise Err(problems)

            def check(self, context: Context, model: Model) -> list[Finding]:
                forget_texts()
                try:
                    return list(plugin._findings(Run(context, model, plugin._options)))
                except Exception as error:
                    raise Err(_trace(error)) from None

        return Rules

    def _findings(self, run: Run) -> Iterator[Finding]:
        for info, check in self._rules:
            if info.id in run.context.enabled:
                for found in check(run):
                    found.rule = info.id
                    yield found


def _refuse_files(event: str, args: tuple[Any, ...]) -> None:
    """Raises where Python would look for a file, which stops the component without a word of where."""
    if event == "import":
        raise ImportError(f"{args[0]} must be imported at the top of the module")
    if event == "open":
        raise OSError(f"cannot open {args[0]}: a plugin has no files")


class _Log(io.TextIOBase):
    """Takes what is printed: to write to a file would stop the component. `pgassay --verbose` shows it."""

    _line = ""

    def write(self, text: str) -> int:
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            host.log(Severity.INFO, line)
        return len(text)


def _trace(error: Exception) -> str:
    """The error and where it came from. The module `traceback` would look for the sources and stop the component."""
    lines = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        lines.append(f"\n    at {code.co_qualname} ({code.co_filename}:{step.tb_lineno})")
        step = step.tb_next
    return f"{type(error).__name__}: {error}" + "".join(lines[-20:])


def finding(
    place: int,
    message: str,
    *,
    label: str = "",
    help: str | None = None,
    related: Iterable[tuple[int, str]] = (),
    majors: int | None = None,
    subject: str | None = None,
    severity: Severity | None = None,
    confidence: Confidence | None = None,
    fix: Fix | None = None,
) -> Finding:
    """A finding. The rule that yields it is filled in afterwards.

    `majors` says on which it holds, where those are not all that the place is judged for: a line that only some of them
    read. With an empty set, 0, it is no finding.
    """
    # What has another type than the contract's stops the component on its way out.
    for value, kind in ((place, int), (message, str), (label, str)):
        if not isinstance(value, kind):
            raise TypeError(f"{value!r} in a finding, where {kind.__name__} is wanted")
    others = [Label(place, text) for place, text in related]
    return Finding("", severity, confidence, message, help, Label(place, label), others, majors, subject, fix)
