"""Helpers for reading what a plugin sees."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from wit_world.imports import host
from wit_world.imports.types import Conninfo, ConninfoParam, Definition, Effective, HbaAddress, Model, Node

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


def effective(model: Model, node: Node, name: str, major: int) -> Effective | None:
    """The value of a setting on one major, whether a file defines it or not."""
    number = next(number for number, other in enumerate(model.nodes) if other is node)
    return next((value for value in host.effective_setting(number, name) if has_major(value.majors, major)), None)


def param(conninfo: Conninfo, keyword: str) -> ConninfoParam | None:
    """The parameter of that keyword that counts."""
    return next((param for param in conninfo.params if param.keyword == keyword and not param.overridden), None)


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
