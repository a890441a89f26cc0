"""The DMP's own services (TD0.3, TD0.4, TD1.6): the outcome and the lines of an answer (reference §2.1).

The reference names the values and not what holds them, so lines are found by a value they all have, by local names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree

from dmp_desktop.dmp import catalogue
from dmp_desktop.dmp.soap import unreadable

_DONE = "DMPOk"


def check(root: etree._Element) -> None:
    """Raises DmpError unless the DMP answered DMPOk."""
    status = next(_elements(root, "status"), None)
    if status is None:
        raise unreadable("no status")
    code = (status.text or "").strip().rpartition(":")[2]
    if code != _DONE:
        context = next(_elements(root, "context"), None)
        raise catalogue.error(code, (context.text or "") if context is not None else "")


def lines(root: etree._Element, name: str) -> Iterator[etree._Element]:
    """What holds each element called `name`, once and in order."""
    holders = (element.getparent() for element in _elements(root, name))
    yield from dict.fromkeys(holder for holder in holders if holder is not None)


def text(line: etree._Element, name: str) -> str:
    """The text of the first child called `name`, stripped; empty when there is none."""
    child = next((child for child in line.iterchildren("{*}" + name)), None)
    return (child.text or "").strip() if child is not None else ""


def moment(value: str) -> datetime | None:
    """`yyyyMMddHHmmss`, taken as UTC as XDS dates are ([R]: the reference names no time zone); None for anything else."""
    if len(value) != 14 or not (value.isascii() and value.isdigit()):
        return None
    try:
        return datetime.strptime(value, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _elements(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return root.iter("{*}" + name)
