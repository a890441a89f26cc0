"""Biology report (CR-BIO 2024.01): coded results, narrative tables, a PDF copy."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from dmp_desktop.sandbox.records.attached import copy_section
from dmp_desktop.sandbox.records.authors import DOCTOR_HERSELF
from dmp_desktop.sandbox.records.header import assigned_entity, code, prescriber, write
from dmp_desktop.sandbox.records.kinds import LOINC
from dmp_desktop.sandbox.records.plan import Plan, Result, ts

_FLAGS = {
    "N": "Normal",
    "H": "Anormalement haut",
    "L": "Anormalement bas",
    "HH": "Très anormalement haut, alerte",
    "LL": "Très anormalement bas, alerte",
    "AA": "Très anormal, alerte",
}
_INTERPRETATION = "2.16.840.1.113883.5.83"
_ASKED_BY = "1.3.6.1.4.1.19376.1.3.3.1.6"
"""templateId of the prescriber (IHE LAB)."""
_LOCAL = "1.2.250.1.999.20"
"""Code system of a laboratory (invented): analyses without a LOINC code."""
BIOLOGY_TITLE = "Compte rendu d'examens biologiques"
"""Fixed by CI-SIS_BIO-CR-BIO_2024.01."""


def document(plan: Plan) -> bytes:
    """CR-BIO 2024.01: one chapter a discipline, then the copy as PDF."""
    by_chapter = groupby(plan.results, key=lambda result: result.analysis.chapter)
    chapters = [(chapter, list(results)) for chapter, results in by_chapter]
    body = "".join(_chapter(plan, chapter, results) for chapter, results in chapters)
    first = chapters[0][0]
    performed = (
        f'<id root="1.2.250.1.213.1.1.9" extension="{plan.unique_id[-12:]}"/>'
        f'{code("code", first[0], LOINC, "LOINC", first[1])}<lab:statusCode code="completed"/>'
    )
    more = {
        "participants": prescriber(DOCTOR_HERSELF, ts(plan.service_start)[:8], _ASKED_BY),
        "performed": performed,
        "performer": f'<templateId root="1.3.6.1.4.1.19376.1.3.3.1.7"/><time><high value="{ts(plan.created)}"/></time>',
        "responsible": f"<responsibleParty>{assigned_entity(plan.writer)}</responsibleParty>",
    }
    templates = ("1.3.6.1.4.1.19376.1.3.3", "1.2.250.1.213.1.1.1.55^2024.01")
    structured = f"<structuredBody>{body}{copy_section(plan, BIOLOGY_TITLE, paper(plan))}</structuredBody>"
    return write(plan, templates, structured, title=BIOLOGY_TITLE, more=more)


def _chapter(plan: Plan, chapter: tuple[str, str, str, str], results: Sequence[Result]) -> str:
    top, top_label, sub, sub_label = chapter
    sub_code = code("code", sub, LOINC, "LOINC", sub_label)
    rows = "".join(_row(result) for result in results)
    observations = "".join(_observation(plan, result) for result in results)
    return (
        '<component><section><templateId root="1.3.6.1.4.1.19376.1.3.3.2.1"/><templateId root="1.2.250.1.213.1.1.2.70"/>'
        f"{code('code', top, LOINC, 'LOINC', top_label)}<title>{top_label}</title><component><section>"
        '<templateId root="1.3.6.1.4.1.19376.1.3.3.2.2"/><templateId root="1.2.250.1.213.1.1.2.71"/>'
        f'{sub_code}<title>{sub_label}</title><text><table border="0"><thead><tr><th>Analyse</th><th>Résultat</th>'
        f"<th>Unité</th><th>Valeurs de référence</th><th>Interprétation</th></tr></thead><tbody>{rows}</tbody></table></text>"
        '<entry typeCode="DRIV"><templateId root="1.3.6.1.4.1.19376.1.3.1"/><templateId root="1.2.250.1.213.1.1.3.21"/>'
        f'<act classCode="ACT" moodCode="EVN">{sub_code}<statusCode code="completed"/>{observations}</act></entry>'
        "</section></component></section></component>"
    )


def _limits(result: Result) -> str:
    low, high = result.analysis.low, result.analysis.high
    if low is None:
        return f"< {_french(high)}"
    return f"> {_french(low)}" if high is None else f"{_french(low)} - {_french(high)}"


def _french(value: float | None) -> str:
    return f"{value:g}".replace(".", ",") if value is not None else ""


def _anchor(result: Result) -> str:
    return f"r{(result.analysis.loinc or result.analysis.local).replace('-', '_')}"


def paper(plan: Plan) -> list[str]:
    """The results as a PDF prints them."""
    return [
        f"{result.analysis.name} : {_shown(result)} {result.analysis.unit}   ({_limits(result)})   "
        f"{'' if result.flag == 'N' else result.flag}"
        for result in plan.results
    ]


def _shown(result: Result) -> str:
    return ("< " if result.below else "") + result.text.replace(".", ",")


def _row(result: Result) -> str:
    style = "" if result.flag == "N" else ' styleCode="Bold"'
    flag = "" if result.flag == "N" else result.flag
    return (
        f'<tr><td>{escape(result.analysis.name)}</td><td><content ID="{_anchor(result)}"{style}>{escape(_shown(result))}'
        "</content></td>"
        f"<td>{escape(result.analysis.unit)}</td><td>{escape(_limits(result))}</td><td>{flag}</td></tr>"
    )


def _observation(plan: Plan, result: Result) -> str:
    analysis, flag = result.analysis, result.flag
    interpretation = code("interpretationCode", flag, _INTERPRETATION, "", _FLAGS[flag])
    normal = code("interpretationCode", "N", _INTERPRETATION, "", "Normal")
    low = f'<low value="{analysis.low}" unit="{analysis.unit}"/>' if analysis.low is not None else ""
    high = f'<high value="{analysis.high}" unit="{analysis.unit}"/>' if analysis.high is not None else ""
    value = f'<value xsi:type="PQ" value="{result.text}" unit="{analysis.unit}"/>'
    if result.below:
        bound = f'<high value="{result.text}" unit="{analysis.unit}" inclusive="false"/>'
        value = f'<value xsi:type="IVL_PQ">{bound}</value>'
    return (
        '<entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN">'
        '<templateId root="1.3.6.1.4.1.19376.1.3.1.6"/><templateId root="1.2.250.1.213.1.1.3.80"/>'
        f'{_named(result)}<statusCode code="completed"/><effectiveTime value="{ts(plan.service_start)}"/>{value}'
        f"{interpretation}"
        '<referenceRange typeCode="REFV"><observationRange classCode="OBS" moodCode="EVN.CRT">'
        f'<value xsi:type="IVL_PQ">{low}{high}</value>{normal}</observationRange></referenceRange>'
        "</observation></entryRelationship>"
    )


def _named(result: Result) -> str:
    """The analysis in LOINC; else by the laboratory's own code."""
    analysis = result.analysis
    reference = f'<originalText><reference value="#{_anchor(result)}"/></originalText>'
    if analysis.loinc:
        return f"{code('code', analysis.loinc, LOINC, 'LOINC', analysis.label)[:-2]}>{reference}</code>"
    local = code("translation", analysis.local, _LOCAL, "", analysis.label)
    return f"<code>{reference}{local}</code>"
