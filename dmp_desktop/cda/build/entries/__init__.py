"""The coded entries of a section, from its facts: `entries(topic, facts, new_id)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dmp_desktop.cda.build.coded import Fact, Topic
from dmp_desktop.cda.build.entries.measures import habits, results, vitals
from dmp_desktop.cda.build.entries.problems import allergies, family, problems
from dmp_desktop.cda.build.entries.procedures import devices, procedures
from dmp_desktop.cda.build.entries.treatments import treatments
from dmp_desktop.cda.build.template import Markup, NewId

_MAKERS: dict[Topic, Callable[[Topic, Sequence[Fact], NewId], Markup]] = {
    Topic.VITALS: vitals,
    Topic.PROBLEMS: problems,
    Topic.HISTORY: problems,
    Topic.FAMILY: family,
    Topic.PROCEDURES: procedures,
    Topic.ALLERGIES: allergies,
    Topic.TREATMENTS: treatments,
    Topic.RESULTS: results,
    Topic.LIFESTYLE: habits,
    Topic.DEVICES: devices,
}


def entries(topic: Topic, facts: Sequence[Fact], new_id: NewId) -> Markup:
    """Every fact as an entry that points at its line; `new_id` gives the UUID of the next part of the document."""
    return _MAKERS[topic](topic, facts, new_id)
