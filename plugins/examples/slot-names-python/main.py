"""The rule `slot-name`: names of replication slots start with a prefix."""

from collections.abc import Iterator
from pathlib import Path

from pgassay_model import definitions, majors
from pgassay_plugin import Finding, Model, Plugin, Run, Severity, finding

plugin = Plugin(
    name="slots-python",
    version="0.1.0",
    pages=Path(__file__).parent / "rules",
    options_schema={
        "type": "object",
        "additionalProperties": False,
        "properties": {"prefix": {"type": "string", "minLength": 1}},
    },
)


@plugin.rule(
    "slot-name",
    title="name of a replication slot breaks the convention",
    severity=Severity.WARNING,
    reads=["setting:primary_slot_name", "statements"],
    tags=["naming"],
    references=[("docs", "view-pg-replication-slots.html")],
)
def slot_name(run: Run) -> Iterator[Finding]:
    prefix = run.options.get("prefix", "app_")
    for place, name, words, readers in slots(run.model):
        if not name.startswith(prefix):
            verdict = f"does not start with `{prefix}`"
            help = f"call it `{prefix}{name}`"
            yield finding(place, f"{words} {verdict}", label=verdict, help=help, majors=readers)


def slots(model: Model) -> Iterator[tuple[int, str, str, int | None]]:
    """The names of slots that are known: place, name, the words that say what is named, and the majors that read it, if
    those are not all that the place is judged for."""
    for subscription in model.subscriptions:
        if subscription.action in ("create", "options"):
            for option in subscription.options:
                if option.name == "slot_name" and not option.dynamic and option.value != "none":
                    words = f"slot `{option.value}` of subscription `{subscription.name.text}`"
                    yield option.place, option.value, words, None
    for subscription in model.subscriptions:
        if subscription.action == "create" and not subscription.name.dynamic:
            # `connect = false` makes no slot either. What is known only at run time may be false.
            if not any(
                option.name == "slot_name"
                or option.name in ("create_slot", "connect") and (option.dynamic or option.truth is False)
                for option in subscription.options
            ):
                name = subscription.name.text
                words = f"subscription `{name}` makes a slot of its own name, which"
                yield subscription.name.place, name, words, None
    for statement in model.statements:
        if statement.kind == "replication slot" and any(
            property.name == "function" and "create" in property.value for property in statement.properties
        ):
            for property in statement.properties:
                if property.name == "slot_name" and not property.dynamic:
                    yield property.place, property.value, f"slot `{property.value}`", None
    for node in model.nodes:
        for definition in definitions(node, "primary_slot_name"):
            if not definition.dynamic and definition.text:
                yield definition.value_place, definition.text, f"`primary_slot_name` `{definition.text}`", None
        # Later majors do not read recovery.conf.
        readers = node.majors & majors(10, 11)
        for definition in node.recovery.definitions:
            counts = definition.name == "primary_slot_name" and not definition.overridden and not definition.dynamic
            if counts and definition.text:
                yield definition.value_place, definition.text, f"`primary_slot_name` `{definition.text}`", readers


Rules = plugin.component()
