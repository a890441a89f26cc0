"""Problems and allergies as concerns, diseases of the family as a group.

CI-SIS: FR-Liste-des-problemes, FR-Liste-des-allergies-et-hypersensibilites, FR-Antecedents-familiaux. IHE PCC has no use for
uncertaintyCode in these entries: a doubt is the FR-Certitude observation.
"""

from __future__ import annotations

from collections.abc import Sequence

from dmp_desktop.cda.build.coded import Fact, Topic
from dmp_desktop.cda.build.entries.common import (
    attributes_or_unknown,
    code_attributes,
    high,
    low,
    translation_of,
    words_of,
)
from dmp_desktop.cda.build.template import EMPTY, Markup, NewId, Template, join
from dmp_desktop.domain.notes import ProposalStatus

_CONCERN = """
<entry><act classCode="ACT" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.1.27"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5.1"/>
%s
<id root="{concern_id}"/>
<code nullFlavor="NA"/>
<statusCode code="{state}"/>
<effectiveTime>{!period}</effectiveTime>
<entryRelationship typeCode="SUBJ" inversionInd="false"><observation classCode="OBS" moodCode="EVN" negationInd="{negated}">
%s
<id root="{id}"/>
%s
<text><reference value="#{row}"/></text>
<statusCode code="completed"/>
<effectiveTime>{!period}</effectiveTime>
<value xsi:type="CD" {!value}><originalText><reference value="#{words}"/></originalText>{!translation}</value>
{!more}
</observation></entryRelationship>
</act></entry>
"""


def _ids(*roots: str) -> str:
    return "".join(f'<templateId root="{root}"/>' for root in roots)


_SNOMED = '<code code="%s" displayName="%s" codeSystem="2.16.840.1.113883.6.96" codeSystemName="SNOMED CT"/>'
_DIAGNOSIS = _SNOMED % ("282291009", "interprétation diagnostique")
_PROBLEM = Template(
    _CONCERN
    % (
        _ids("1.3.6.1.4.1.19376.1.5.3.1.4.5.2", "1.2.250.1.213.1.1.3.39"),
        _ids("2.16.840.1.113883.10.20.1.28", "1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37"),
        _DIAGNOSIS,
    )
)
# Allergy, intolerance or neither: a note seldom says which, and the general code claims nothing.
_ALLERGY = Template(
    _CONCERN
    % (
        _ids("1.3.6.1.4.1.19376.1.5.3.1.4.5.3", "1.2.250.1.213.1.1.3.40"),
        _ids(
            "2.16.840.1.113883.10.20.1.18",
            "2.16.840.1.113883.10.20.1.28",
            "1.3.6.1.4.1.19376.1.5.3.1.4.5",
            "1.3.6.1.4.1.19376.1.5.3.1.4.6",
            "1.2.250.1.213.1.1.3.41",
        ),
        _SNOMED % ("420134006", "propension aux effets indésirables"),
    )
)
_AGENT = Template("""
<participant typeCode="CSM"><participantRole classCode="MANU"><playingEntity classCode="MMAT">
<code {!code}><originalText><reference value="#{words}"/></originalText></code><name>{label}</name>
</playingEntity></participantRole></participant>
""")
_REACTION = Template("""
<entryRelationship typeCode="MFST" inversionInd="false">
<observation classCode="OBS" moodCode="EVN" negationInd="false">
<templateId root="2.16.840.1.113883.10.20.1.28"/>
<templateId root="2.16.840.1.113883.10.20.1.54"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.5"/>
<templateId root="1.2.250.1.213.1.1.3.37"/>
<id root="{id}"/>
<code code="418799008" displayName="symptôme rapporté par le patient ou le répondant" codeSystem="2.16.840.1.113883.6.96"/>
<text><reference value="#{words}"/></text>
<statusCode code="completed"/>
<effectiveTime><low nullFlavor="UNK"/></effectiveTime>
<value xsi:type="CD" nullFlavor="UNK"><originalText><reference value="#{words}"/></originalText></value>
</observation></entryRelationship>
""")
_UNCONFIRMED = Template("""
<entryRelationship typeCode="SUBJ" inversionInd="true"><observation classCode="OBS" moodCode="EVN">
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13"/>
<templateId root="1.2.250.1.213.1.1.3.48"/>
<templateId root="1.2.250.1.213.1.1.3.171"/>
<id root="{id}"/>
<code code="66455-7" displayName="Certitude" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
<text><reference value="#{row}"/></text>
<statusCode code="completed"/>
<effectiveTime nullFlavor="UNK"/>
<value xsi:type="CD" code="unconfirmed" displayName="Non confirmé" codeSystem="2.16.840.1.113883.4.642.1.1075"/>
</observation></entryRelationship>
""")
_FAMILY = Template("""
<entry><organizer classCode="CLUSTER" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.1.23"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.15"/>
<templateId root="1.2.250.1.213.1.1.3.59"/>
<statusCode code="completed"/>
<subject typeCode="SBJ">
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.15.2"/>
<templateId root="1.2.250.1.213.1.1.3.60"/>
<relatedSubject classCode="PRS"><code nullFlavor="UNK"/></relatedSubject>
</subject>
{!observations}
</organizer></entry>
""")
_RELATIVE = Template(
    """
<component typeCode="COMP"><observation classCode="OBS" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.1.22"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13.3"/>
<templateId root="1.2.250.1.213.1.1.3.51"/>
<id root="{id}"/>
"""
    + _DIAGNOSIS
    + """
<text><reference value="#{row}"/></text>
<statusCode code="completed"/>
<effectiveTime nullFlavor="UNK"/>
<value xsi:type="CD" {!value}><originalText><reference value="#{words}"/></originalText>{!translation}</value>
</observation></component>
"""
)


def problems(topic: Topic, facts: Sequence[Fact], new_id: NewId) -> Markup:
    """One concern a problem: going on, over (history), or said to be absent."""
    over = topic is Topic.HISTORY
    return join(_problem(fact, over, new_id) for fact in facts)


def _problem(fact: Fact, over: bool, new_id: NewId) -> Markup:
    item = fact.item
    # An absent problem is over too: whoever overlooks the negation must not find it active.
    negated = item.status is ProposalStatus.ABSENT and fact.statement is None
    over = over or negated
    return _PROBLEM.fill(
        concern_id=new_id(),
        state="completed" if over else "active",
        period=Markup(low(item) + high(item)) if over else low(item),
        negated="true" if negated else "false",
        id=new_id(),
        row=fact.row,
        value=attributes_or_unknown(item.code, item.label),
        words=words_of(fact),
        translation=translation_of(item.code, item.label),
        more=_certainty(fact, new_id),
    )


def allergies(topic: Topic, facts: Sequence[Fact], new_id: NewId) -> Markup:
    """One concern an allergy, its agent apart; or the statement that none is known, or that nothing is."""
    del topic
    return join(_allergy(fact, new_id) for fact in facts)


def _allergy(fact: Fact, new_id: NewId) -> Markup:
    item = fact.item
    stated = fact.statement
    return _ALLERGY.fill(
        concern_id=new_id(),
        state="active",
        period=low(item),
        negated="false",
        id=new_id(),
        row=fact.row,
        value=code_attributes(item.code, item.label) if item.code and (stated or item.agent) else EMPTY,
        words=words_of(fact),
        translation=EMPTY,
        more=EMPTY if stated else Markup(_agent(fact) + _reaction(fact, new_id) + _certainty(fact, new_id)),
    )


def _agent(fact: Fact) -> Markup:
    """What the allergy is to: its own agent, else what the label names."""
    item = fact.item
    agent = item.agent or item.code
    name = item.agent.display if item.agent and item.agent.display else item.label
    known = agent if agent and agent.code else None
    return _AGENT.fill(code=attributes_or_unknown(known, name), words=fact.name, label=name)


def _reaction(fact: Fact, new_id: NewId) -> Markup:
    return _REACTION.fill(id=new_id(), words=fact.how) if fact.item.comment else EMPTY


def _certainty(fact: Fact, new_id: NewId) -> Markup:
    return _UNCONFIRMED.fill(id=new_id(), row=fact.row) if fact.item.status is ProposalStatus.SUSPECTED else EMPTY


def family(topic: Topic, facts: Sequence[Fact], new_id: NewId) -> Markup:
    """All in one group: which relative is in the words only."""
    del topic
    observations = (
        _RELATIVE.fill(
            id=new_id(),
            row=fact.row,
            value=attributes_or_unknown(fact.item.code, fact.item.label),
            words=words_of(fact),
            translation=translation_of(fact.item.code, fact.item.label),
        )
        for fact in facts
    )
    return _FAMILY.fill(observations=join(observations))
