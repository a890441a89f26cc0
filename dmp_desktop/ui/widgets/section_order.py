"""Sections of a document in the order and the state their reader wants."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dmp_desktop.ui.widgets.ready_html import ReadyDocument, ReadyHtml, ReadySection

Group = tuple[ReadySection, ...]
"""A top section and those inside it."""


def groups(sections: Sequence[ReadySection], order: Sequence[str]) -> list[Group]:
    """Top sections; those whose code is in `order` take each other's places in that order, the others stay."""
    found: list[list[ReadySection]] = []
    for section in sections:
        if section.depth == 0 or not found:
            found.append([section])
        else:
            found[-1].append(section)
    whole = [tuple(group) for group in found]
    ranks = {code: rank for rank, code in enumerate(order)}
    places = [place for place, group in enumerate(whole) if group[0].code in ranks]
    wanted = sorted((whole[place] for place in places), key=lambda group: ranks[group[0].code])
    for place, group in zip(places, wanted, strict=True):
        whole[place] = group
    return whole


def moved(shown: Sequence[Group], place: int, step: int, order: Sequence[str]) -> tuple[str, ...]:
    """The order once the section at `place` went `step` places further; codes of other documents keep theirs behind."""
    codes = [group[0].code for group in shown]
    codes.insert(max(0, min(place + step, len(codes) - 1)), codes.pop(place))
    told = list(dict.fromkeys(code for code in codes if code))
    return (*told, *(code for code in order if code not in told))


def assembled(
    ready: ReadyDocument, shown: Sequence[Group], folded: Collection[str], *, original: bool = False
) -> ReadyHtml | None:
    """The narrative in this order; `folded` are anchors of top sections."""
    base = ready.html
    if base is None or not ready.sections:
        return ready.original if original else base
    pieces = list(ready.summary)
    anchors = {}
    for group in shown:
        if group[0].anchor in folded and group[0].heading:
            anchors[len(pieces)] = group[0].anchor
            pieces.append(group[0].heading)
            continue
        for section in group:
            anchors[len(pieces)] = section.anchor
            pieces += section.original if original else section.pieces
    return ReadyHtml(tuple(pieces), base.sheet, base.images, anchors)
