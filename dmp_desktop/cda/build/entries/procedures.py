"""Procedures (CI-SIS FR-Acte) and devices (FR-Dispositif-medical)."""

from __future__ import annotations

from collections.abc import Sequence

from dmp_desktop.cda.build.coded import Fact, Topic
from dmp_desktop.cda.build.entries.common import attributes_or_unknown, low, time_of, words_of
from dmp_desktop.cda.build.template import Markup, NewId, Template, join

_PROCEDURE = Template("""
<entry><procedure classCode="PROC" moodCode="EVN">
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.19"/>
<templateId root="2.16.840.1.113883.10.20.1.29"/>
<templateId root="1.2.250.1.213.1.1.3.62"/>
<id root="{id}"/>
<code {!code}><originalText><reference value="#{words}"/></originalText></code>
<text><reference value="#{row}"/></text>
<statusCode code="completed"/>
{!time}
</procedure></entry>
""")
_DEVICE = Template("""
<entry><supply classCode="SPLY" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.1.34"/>
<templateId root="1.2.250.1.213.1.1.3.20"/>
<id root="{id}"/>
<text><reference value="#{row}"/></text>
<effectiveTime xsi:type="IVL_TS">{!start}</effectiveTime>
<participant typeCode="DEV"><participantRole classCode="MANU">
<id nullFlavor="UNK"/>
<playingDevice classCode="DEV" determinerCode="INSTANCE">
<code {!code}><originalText><reference value="#{words}"/></originalText></code>
</playingDevice>
</participantRole></participant>
</supply></entry>
""")


def procedures(topic: Topic, facts: Sequence[Fact], new_id: NewId) -> Markup:
    del topic
    return join(
        _PROCEDURE.fill(
            id=new_id(),
            code=attributes_or_unknown(fact.item.code, fact.item.label),
            words=words_of(fact),
            row=fact.row,
            time=time_of(fact.time),
        )
        for fact in facts
    )


def devices(topic: Topic, facts: Sequence[Fact], new_id: NewId) -> Markup:
    del topic
    return join(
        _DEVICE.fill(
            id=new_id(),
            row=fact.row,
            start=low(fact.item),
            code=attributes_or_unknown(fact.item.code, fact.item.label),
            words=words_of(fact),
        )
        for fact in facts
    )
