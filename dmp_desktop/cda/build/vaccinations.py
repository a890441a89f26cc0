"""Section FR-Vaccinations (11369-6) and its entries: a table to read, one entry a row.

templateIds and order: CI-SIS "modèles de contenus CDA", volet VAC-NOTE 2023.01. What is not known is written "non renseigné" and
coded unknown; a refused vaccine is coded as not given.
"""

from __future__ import annotations

from collections.abc import Sequence

from dmp_desktop.cda.build.coded import timestamp
from dmp_desktop.cda.build.entries.common import time_of
from dmp_desktop.cda.build.header import ts
from dmp_desktop.cda.build.narrative import day_text
from dmp_desktop.cda.build.people import AUTHOR, author_values, facility_values
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.cda.build.template import EMPTY, Markup, NewId, Template, join
from dmp_desktop.domain.clinical import ClinicalItem, Injection
from dmp_desktop.domain.documents import Code
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.terminology.oids import ATC, CIS, SYSTEM_NAMES
from dmp_desktop.terminology.vaccination import injection_site, vaccine_class

UNKNOWN = "non renseigné"

_SECTION = Template("""
<component><section>
<templateId root="2.16.840.1.113883.10.20.1.6"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.3.23"/>
<templateId root="1.2.250.1.213.1.1.2.147"/>
<id root="{id}"/>
<code code="11369-6" displayName="Historique des vaccinations" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
<title>{title}</title>
<text>
<table><thead><tr><th>Vaccin</th><th>Date</th><th>Lot</th><th>Rang</th><th>Voie</th><th>Site</th></tr></thead>
<tbody>{!rows}</tbody></table>
</text>
{!entries}
</section></component>
""")
_ROW = Template("""
<tr ID="{row}">
<td><content ID="{row}-name">{name}</content></td>
<td>{date}</td><td>{lot}</td><td>{rank}</td><td>{route}</td>
<td><content ID="{row}-site">{site}</content></td>
</tr>
""")
# IMMUNIZ, "without more precision": first series or booster would be a guess.
_ENTRY = Template("""
<entry><substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="{negated}">
<templateId root="2.16.840.1.113883.10.20.1.24"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.12"/>
<templateId root="1.2.250.1.213.1.1.3.45"/>
<id root="{id}"/>
<code code="IMMUNIZ" displayName="Vaccination sans autre précision" codeSystem="2.16.840.1.113883.5.4"/>
<text><reference value="#{row}"/></text>
<statusCode code="completed"/>
{!date}
{!route}
{!site}
<consumable typeCode="CSM"><manufacturedProduct>
<templateId root="2.16.840.1.113883.10.20.1.53"/>
<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.7.2"/>
<templateId root="1.2.250.1.213.1.1.3.43"/>
<manufacturedMaterial>{!product}<name>{name}</name>{!lot}</manufacturedMaterial>
</manufacturedProduct></consumable>
{!author}
{!rank}
</substanceAdministration></entry>
""")
_ROUTE = Template('<routeCode code="{code}" displayName="{display}" codeSystem="{system}"/>')
_NO_ROUTE = Markup('<routeCode nullFlavor="UNK"/>')
_SITE = Template(
    '<approachSiteCode {!code}><originalText><reference value="#{row}-site"/></originalText></approachSiteCode>'
)
_PRODUCT = Template('<code {!code}><originalText><reference value="#{row}-name"/></originalText>{!translation}</code>')
_CODED = Template('code="{code}" displayName="{display}" codeSystem="{system}"')
_UNCODED = Template('nullFlavor="UNK" codeSystem="{system}"')
_TRANSLATION = Template(
    '<translation code="{code}" displayName="{display}" codeSystem="{system}" codeSystemName="{name}"/>'
)
_LOT = Template("<lotNumberText>{lot}</lotNumberText>")
_RANK = Template("""
<entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">
<templateId root="2.16.840.1.113883.10.20.1.46"/>
<templateId root="1.2.250.1.213.1.1.3.82"/>
<code code="30973-2" displayName="Rang de la vaccination" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
<statusCode code="completed"/>
<value xsi:type="INT" value="{rank}"/>
</observation></entryRelationship>
""")
_AUTHOR = Template(
    """
<author typeCode="AUT" contextControlCode="OP">
<time value="{time}"/>
<assignedAuthor>
"""
    + AUTHOR
    + """
</assignedAuthor>
</author>
"""
)


def vaccination_author(request: BuildRequest) -> Markup:
    """The document's author as the one who answers for the vaccination (required in VAC-NOTE, left out for what is only told)."""
    values = author_values(request.context.professional) | facility_values(request.context.facility)
    return _AUTHOR.fill(**values, time=ts(request.now))


def vaccinations_section(
    items: Sequence[ClinicalItem], new_id: NewId, *, title: str = "Vaccinations", author: Markup = EMPTY, first: int = 1
) -> Markup:
    """Done or refused vaccinations, at least one; their rows are `vaccination-N`, numbered from `first`."""
    rows = [(f"vaccination-{rank}", item) for rank, item in enumerate(items, start=first)]
    return _SECTION.fill(
        id=new_id(),
        title=title,
        rows=join(_row(item, row) for row, item in rows),
        entries=join(vaccination_entry(item, row, new_id, author) for row, item in rows),
    )


def vaccination_entry(item: ClinicalItem, row: str, new_id: NewId, author: Markup = EMPTY) -> Markup:
    """FR-Vaccination. `row` is the ID of its line; `row-name` and `row-site` hold the words of vaccine and site."""
    given = item.injection or Injection()
    return _ENTRY.fill(
        negated="true" if item.status is ProposalStatus.REFUSED else "false",
        id=new_id(),
        row=row,
        date=time_of(timestamp(item.start, item.when)),
        route=_route(given.route),
        site=_SITE.fill(code=_site_code(given.site), row=row),
        product=_product(item, given, row),
        name=item.label,
        lot=_LOT.fill(lot=given.lot) if given.lot else EMPTY,
        author=author,
        rank=_RANK.fill(rank=str(given.rank)) if given.rank else EMPTY,
    )


def _row(item: ClinicalItem, row: str) -> Markup:
    given = item.injection or Injection()
    refused = " (refusé)" if item.status is ProposalStatus.REFUSED else ""
    return _ROW.fill(
        row=row,
        name=item.label + refused,
        date=day_text(item.start, item.when) or UNKNOWN,
        lot=given.lot or UNKNOWN,
        rank=str(given.rank or UNKNOWN),
        route=given.route.display if given.route else UNKNOWN,
        site=given.site or UNKNOWN,
    )


def _route(route: Code | None) -> Markup:
    return _ROUTE.fill(code=route.code, display=route.display, system=route.system) if route else _NO_ROUTE


def _site_code(site: str) -> Markup:
    """A site of the value set by its code, another one as "other", none as unknown."""
    code = injection_site(site)
    if code is not None:
        return _coded(code)
    return Markup('nullFlavor="OTH"' if site else 'nullFlavor="UNK"')


def _product(item: ClinicalItem, given: Injection, row: str) -> Markup:
    """The product by CIS, which the volet wants first, unknown when it is; its ATC class as a translation."""
    code, translation = given.product, EMPTY
    if item.code is not None and item.code.system == ATC:
        atc = vaccine_class(item.code.code) or item.code
        translation = _TRANSLATION.fill(
            code=atc.code, display=atc.display or item.label, system=ATC, name=SYSTEM_NAMES[ATC]
        )
    elif code is None:
        code = item.code
    named = Code(code.code, code.system, code.display or item.label) if code else None
    return _PRODUCT.fill(code=_coded(named) if named else _UNCODED.fill(system=CIS), row=row, translation=translation)


def _coded(code: Code) -> Markup:
    return _CODED.fill(code=code.code, display=code.display, system=code.system)
