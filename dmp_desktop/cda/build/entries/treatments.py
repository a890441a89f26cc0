"""Treatments (CI-SIS FR-Traitement): the product, how often and how long as far as that is simple; the words hold the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

from dmp_desktop.cda.build.coded import Fact, Topic, end_of
from dmp_desktop.cda.build.entries.common import (
    HIGH_UNKNOWN,
    LOW_UNKNOWN,
    TRANSLATION,
    attributes_or_unknown,
    code_attributes,
    high_of,
    low,
)
from dmp_desktop.cda.build.narrative import drug_name, number
from dmp_desktop.cda.build.template import EMPTY, Markup, NewId, Template, join
from dmp_desktop.domain.clinical import ClinicalItem, Dosage
from dmp_desktop.domain.documents import Code
from dmp_desktop.terminology.oids import ATC, CIP, CIS

_ROUTES = {"0.4.0.127.0.16.1.1.2.1", "2.16.840.1.113883.5.112"}  # EDQM, HL7 RouteOfAdministration
_TREATMENT = Template("""
<entry typeCode="DRIV"><substanceAdministration classCode="SBADM" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.1.24"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.7"/>
<templateId root="1.2.250.1.213.1.1.3.42"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.7.1"/>
<id root="{id}"/>
<code {!code}/>
<text><reference value="#{row}"/></text>
<statusCode code="completed"/>
<effectiveTime xsi:type="IVL_TS">{!period}</effectiveTime>
{!frequency}
{!route}
{!dose}
<consumable><manufacturedProduct>
<templateId root="2.16.840.1.113883.10.20.1.53"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.7.2"/>
<templateId root="1.2.250.1.213.1.1.3.43"/>
<manufacturedMaterial>{!product}</manufacturedMaterial>
</manufacturedProduct></consumable>
</substanceAdministration></entry>
""")
_DRUG = Markup('code="DRUG" displayName="Médicament" codeSystem="2.16.840.1.113883.5.4" codeSystemName="HL7:ActCode"')
_PRODUCT = Template("""
<code {!code}><originalText><reference value="#{words}"/></originalText>{!translation}</code>
<name>{name}</name>
""")
_NO_PRODUCT = Markup('<code nullFlavor="NA"/><name nullFlavor="NA"/>')
_WIDTH = Template('<width value="{days}" unit="d"/>')
# n times a day, the times being the patient's: institutionSpecified.
_EVERY = Template("""
<effectiveTime xsi:type="PIVL_TS" operator="A" institutionSpecified="true"><period value="{hours}" unit="h"/></effectiveTime>
""")
_DOSE = Template('<doseQuantity><low value="{dose}"/><high value="{dose}"/></doseQuantity>')
_ROUTE = Template("<routeCode {!code}/>")
_PER_DAY = re.compile(r"(\d{1,2})/j")
_INTAKES = re.compile(r"[\d./]+(-[\d./]+){2,3}")


def treatments(topic: Topic, facts: Sequence[Fact], new_id: NewId) -> Markup:
    del topic
    return join(_statement(fact, new_id) if fact.statement else _treatment(fact, new_id) for fact in facts)


def _statement(fact: Fact, new_id: NewId) -> Markup:
    """That no treatment is known, or that nothing is: a code in place of a drug."""
    if fact.statement is None:
        raise ValueError("a treatment, not a statement")
    return _TREATMENT.fill(
        id=new_id(),
        code=code_attributes(fact.statement),
        row=fact.row,
        period=Markup(LOW_UNKNOWN + HIGH_UNKNOWN),
        frequency=EMPTY,
        route=EMPTY,
        dose=EMPTY,
        product=_NO_PRODUCT,
    )


def _treatment(fact: Fact, new_id: NewId) -> Markup:
    item = fact.item
    dosage = item.dosage or Dosage()
    times, dose = read_schedule(dosage.schedule)
    route = dosage.route
    return _TREATMENT.fill(
        id=new_id(),
        code=_DRUG,
        row=fact.row,
        period=_period(item, dosage),
        frequency=_EVERY.fill(hours=number(round(24 / times, 3))) if times else EMPTY,
        route=_ROUTE.fill(code=code_attributes(route)) if route and route.system in _ROUTES else EMPTY,
        dose=_DOSE.fill(dose=number(round(float(dose), 3))) if dose else EMPTY,
        product=_product(fact),
    )


def _product(fact: Fact) -> Markup:
    """CIS is the one code CI-SIS takes for a product; any other stands as a translation, of a code not known if need be."""
    item = fact.item
    name = drug_name(item)
    own = Code(item.product.cis, CIS, name) if item.product and item.product.cis else None
    cis = item.code if item.code and item.code.system == CIS else own
    return _PRODUCT.fill(
        code=attributes_or_unknown(cis, name),
        words=fact.name,
        translation=join(TRANSLATION.fill(code=code_attributes(code, item.label)) for code in _translations(item)),
        name=name,
    )


def _translations(item: ClinicalItem) -> Iterator[Code]:
    product = item.product
    if item.code and item.code.system not in (CIS, ATC, CIP):
        yield item.code
    if product and product.cip:
        yield Code(product.cip, CIP)
    if item.code and item.code.system == ATC:
        yield item.code
    elif product and product.atc:
        yield Code(product.atc, ATC)


def _period(item: ClinicalItem, dosage: Dosage) -> Markup:
    """From, to; a length alone where the beginning is not known."""
    days = dosage.duration_days
    if not (item.start or item.when or item.end or item.until) and days:
        return _WIDTH.fill(days=str(days))
    return Markup(low(item) + high_of(end_of(item)))


@lru_cache(maxsize=256)
def read_schedule(schedule: str) -> tuple[int, Fraction | None]:
    """Times a day and quantity each time, from `3/j` or `1-0-1`; 0 and None where it does not say, or not simply."""
    match = _PER_DAY.fullmatch(schedule)
    if match:
        return int(match[1]), None
    if not _INTAKES.fullmatch(schedule):
        return 0, None
    try:
        taken = [amount for amount in map(Fraction, schedule.split("-")) if amount]
    except (ValueError, ZeroDivisionError):
        return 0, None
    return len(taken), taken[0] if len(set(taken)) == 1 else None
