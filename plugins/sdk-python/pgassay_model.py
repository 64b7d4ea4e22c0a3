"""Helpers for reading what a plugin sees."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from wit_world.imports import host
from wit_world.imports.types import Conninfo, ConninfoParam, Definition, Effective, HbaAddress, Node

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def majors(first: int, last: int) -> int:
    """The set of the majors from `first` to `last`, both included."""
    return sum(1 << major for major in range(first, last + 1))


def has_major(majors: int, major: int) -> bool:
    """Whether the set has that major."""
    return majors >> major & 1 == 1


def definitions(node: Node, name: str) -> Iterator[Definition]:
    """The definitions of a setting that count: those that no later one takes the place of."""
    for setting in node.settings:
        if setting.name == name:
            yield from (definition for definition in setting.definitions if not definition.overridden)


def effective(node: Node, name: str, major: int) -> Effective | None:
    """The value of a setting on one major, whether a file defines it or not."""
    return next((value for value in host.effective_setting(node.number, name) if has_major(value.majors, major)), None)


def majors_with(node: Node, name: str, value: str) -> int:
    """The majors of a node on which a setting is known to have a value, set or by default, as SHOW prints it."""
    known = (it for it in host.effective_setting(node.number, name) if it.state in ("set", "default"))
    return sum(it.majors for it in known if it.value == value)


def param(conninfo: Conninfo, keyword: str) -> ConninfoParam | None:
    """The parameter of that keyword that counts."""
    return next((param for param in conninfo.params if param.keyword == keyword and not param.overridden), None)


@dataclass(frozen=True)
class Part:
    """A part of a file's text. `start` and `end` are in bytes, as everywhere."""

    file: int
    start: int
    end: int
    text: str

    def place(self) -> int | None:
        """Its place, by which a finding or an edit points at it."""
        return host.locate(self.file, self.start, self.end)


#: The texts of files as bytes; each is asked for once.
_texts: dict[int, bytes] = {}


def forget_texts() -> None:
    """Forgets the texts, which are those of one model. `pgassay_plugin` calls it."""
    _texts.clear()


def line_after(place: int) -> Part | None:
    """What follows a place, up to the end of the line and without that."""
    extent = host.text_range(place)
    if extent is None:
        return None
    if extent.file not in _texts:
        _texts[extent.file] = (host.file_text(extent.file) or "").encode()
    text, start = _texts[extent.file], extent.end
    newline = text.find(b"\n", start)
    rest = text[start:] if newline < 0 else text[start:newline].removesuffix(b"\r")
    return Part(extent.file, start, start + len(rest), rest.decode())


def comment_after(place: int) -> Part | None:
    """The comment behind a whole row or definition, from its `#` on.

    It is for the server's configuration files: in them a `#` that is not in quotes starts a comment, and no quote is
    open there.
    """
    line = line_after(place)
    if line is None or "#" not in line.text:
        return None
    comment = line.text[line.text.index("#") :]
    return Part(line.file, line.end - len(comment.encode()), line.end, comment)


def network(address: HbaAddress) -> Network | None:
    """The network that a row of pg_hba.conf names; none for keywords, host names and masks with holes."""
    if address.kind != "network" or address.prefix is None:
        return None
    return ipaddress.ip_network((bytes(address.octets), address.prefix), strict=False)


def contains(outer: str, address: HbaAddress) -> bool:
    """Whether `outer`, such as `10.0.0.0/8`, holds every address of a row's network."""
    inner, around = network(address), ipaddress.ip_network(outer, strict=False)
    if inner is None or inner.version != around.version:
        return False
    return inner.subnet_of(around)  # type: ignore[arg-type]
