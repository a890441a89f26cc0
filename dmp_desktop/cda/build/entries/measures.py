"""Vital signs, results and habits (CI-SIS FR-Signes-vitaux, FR-Resultats, FR-Habitus-Mode-de-vie)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dmp_desktop.cda.build.coded import Fact, Topic
from dmp_desktop.cda.build.entries.common import attributes_or_unknown, time_of, words_of
from dmp_desktop.cda.build.narrative import number, quantity_text
from dmp_desktop.cda.build.template import Markup, NewId, Template, join
from dmp_desktop.domain.documents import Code
from dmp_desktop.terminology import is_ucum
from dmp_desktop.terminology.oids import LOINC

_VITALS = Template("""
<entry><organizer classCode="CLUSTER" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.1.32"/>
<templateId root="2.16.840.1.113883.10.20.1.35"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13.1"/>
<templateId root="1.2.250.1.213.1.1.3.49"/>
<id root="{id}"/>
<code code="85353-1" displayName="Signes vitaux" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
<statusCode code="completed"/>
{!time}
{!observations}
</organizer></entry>
""")
_OBSERVATION = """
<observation classCode="OBS" moodCode="EVN">
%s
<id root="{id}"/>
<code {!code}><originalText><reference value="#{words}"/></originalText></code>
<text><reference value="#{row}"/></text>
<statusCode code="completed"/>
{!time}
%s
</observation>
"""


def _observation(element: str, *roots: str, value: str = "{!value}") -> Template:
    ids = "".join(f'<templateId root="{root}"/>' for root in roots)
    name = element.split(" ")[0]
    return Template(f"<{element}>{_OBSERVATION % (ids, value)}</{name}>")


_VITAL = _observation(
    'component typeCode="COMP"',
    "2.16.840.1.113883.10.20.1.31",
    "1.3.6.1.4.1.19376.1.5.3.1.4.13",
    "1.3.6.1.4.1.19376.1.5.3.1.4.13.2",
    "1.2.250.1.213.1.1.3.50",
    value='<value xsi:type="PQ" value="{value}" unit="{unit}"/>',
)
_RESULTS = Template("""
<entry><organizer classCode="CLUSTER" moodCode="EVN">
<templateId root="1.2.250.1.213.1.1.3.208"/>
<id root="{id}"/>
<code code="26436-6" displayName="Biologie polyvalente" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
<statusCode code="completed"/>
{!observations}
</organizer></entry>
""")
_RESULT = _observation(
    "component", "1.3.6.1.4.1.19376.1.5.3.1.4.13", "1.2.250.1.213.1.1.3.48", "1.2.250.1.213.1.1.3.209"
)
_HABIT = _observation(
    "entry",
    "2.16.840.1.113883.10.20.1.33",
    "1.3.6.1.4.1.19376.1.5.3.1.4.13",
    "1.3.6.1.4.1.19376.1.5.3.1.4.13.4",
    "1.2.250.1.213.1.1.3.52",
)
_ANNOTATION = re.compile(
    r"\{[a-z]{2,}\}"
)  # {pack}: counts things, changes no unit; the official rules take it, not {1.73_m2}
_NO_UNIT = {"", "1"}
_QUANTITY = Template('<value xsi:type="PQ" value="{value}" unit="{unit}"/>')
_BARE = Template('<value xsi:type="PQ" value="{value}"/>')
_WORDS = Template('<value xsi:type="ED">{value}</value>')
_OTHER_HABIT = Code("11345-6", LOINC, "Autre élément social")  # JDV SocialHistoryCode CI-SIS


def vitals(topic: Topic, facts: Sequence[Fact], new_id: NewId) -> Markup:
    """One group for each moment of measure."""
    del topic
    moments: dict[str, list[Markup]] = {}
    for fact in facts:
        moments.setdefault(fact.time, []).append(_vital(fact, new_id))
    return join(
        _VITALS.fill(id=new_id(), time=time_of(time), observations=join(observations))
        for time, observations in moments.items()
    )


def _vital(fact: Fact, new_id: NewId) -> Markup:
    """A number in the unit of its code: `coded` has looked."""
    item = fact.item
    return _VITAL.fill(
        id=new_id(),
        code=attributes_or_unknown(item.code, item.label),
        words=fact.words,
        row=fact.row,
        time=time_of(fact.time),
        value=number(item.value) if isinstance(item.value, int | float) else "",
        unit=item.unit,
    )


def results(topic: Topic, facts: Sequence[Fact], new_id: NewId) -> Markup:
    del topic
    observations = join(_fill(_RESULT, fact, fact.item.code, new_id) for fact in facts)
    return _RESULTS.fill(id=new_id(), observations=observations)


def habits(topic: Topic, facts: Sequence[Fact], new_id: NewId) -> Markup:
    del topic
    return join(_fill(_HABIT, fact, fact.item.code or _OTHER_HABIT, new_id) for fact in facts)


def _fill(template: Template, fact: Fact, code: Code | None, new_id: NewId) -> Markup:
    return template.fill(
        id=new_id(),
        code=attributes_or_unknown(code, fact.item.label),
        words=words_of(fact),
        row=fact.row,
        time=time_of(fact.time),
        value=_value(fact),
    )


def _value(fact: Fact) -> Markup:
    """A quantity; words as they are, and for a unit no one could check."""
    value, unit, measure = fact.item.value, fact.item.unit, fact.item.measure
    if value is None and measure is not None and measure.text:
        return _WORDS.fill(value=measure.text)
    if not isinstance(value, int | float):
        return _WORDS.fill(value=value or fact.item.comment or fact.item.label)
    if unit in _NO_UNIT:
        return _BARE.fill(value=number(value))
    plain = _ANNOTATION.sub("", unit)
    if not plain or (is_ucum(plain) and "{" not in plain):
        return _QUANTITY.fill(value=number(value), unit=unit)
    return _WORDS.fill(value=quantity_text(value, unit))
