"""Declarations of conformity that travel together: a CI-SIS model comes with the international ones it specialises.

Source: CI-SIS "modèles de contenus CDA"; every pair holds in all the ANS examples.
"""

from __future__ import annotations

from typing import Final

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.xml import Element, Q, attribute, child, children, template_ids

SECTION: Final = "1.2.250.1.213.1.1.2."  # CI-SIS models of sections
ENTRY: Final = "1.2.250.1.213.1.1.3."  # CI-SIS models of entries
_PCC: Final = "1.3.6.1.4.1.19376.1.5.3.1."  # IHE PCC
_CCD: Final = "2.16.840.1.113883.10.20.1."  # HL7 CCD

_SECTIONS: Final = {
    "1": (f"{_PCC}1.5.3.5", "2.16.840.1.11383.10.20.1.7"),
    "70": ("1.3.6.1.4.1.19376.1.3.3.2.1",),
    "73": ("1.3.6.1.4.1.19376.1.4.1.2.16", "2.16.840.1.113883.10.12.201"),
    "75": (f"{_CCD}16", f"{_PCC}1.5.3.2", f"{_PCC}3.25"),
    "127": (f"{_PCC}3.1",),
    "132": (f"{_CCD}11", f"{_PCC}3.6"),
    "134": (f"{_PCC}3.8",),
    "136": (f"{_CCD}12", f"{_PCC}3.11", f"{_PCC}3.12"),
    "137": (f"{_CCD}2", f"{_PCC}3.13"),
    "139": (f"{_CCD}4", f"{_PCC}3.14", f"{_PCC}3.15"),
    "141": (f"{_CCD}15", f"{_PCC}3.16", f"{_PCC}3.16.1"),
    "143": (f"{_CCD}8", f"{_PCC}3.19"),
    "144": (f"{_PCC}3.20",),
    "147": (f"{_CCD}6", f"{_PCC}3.23"),
    "150": (f"{_PCC}3.27",),
}
_ENTRIES: Final = {
    "20": (f"{_CCD}34",),
    "32": (f"{_CCD}40", f"{_PCC}4.2"),
    "37": (f"{_CCD}28", f"{_PCC}4.5"),
    "39": (f"{_CCD}27", f"{_PCC}4.5.1", f"{_PCC}4.5.2"),
    "40": (f"{_CCD}27", f"{_PCC}4.5.1", f"{_PCC}4.5.3"),
    "41": (f"{_CCD}18", f"{_CCD}28", f"{_PCC}4.5", f"{_PCC}4.6"),
    "42": (f"{_CCD}24", f"{_PCC}4.7", f"{_PCC}4.7.1"),
    "43": (f"{_CCD}53", f"{_PCC}4.7.2"),
    "45": (f"{_CCD}24", f"{_PCC}4.12"),
    "48": (f"{_PCC}4.13",),
    "49": (f"{_CCD}32", f"{_CCD}35", f"{_PCC}4.13.1"),
    "50": (f"{_CCD}31", f"{_PCC}4.13", f"{_PCC}4.13.2"),
    "51": (f"{_CCD}22", f"{_PCC}4.13", f"{_PCC}4.13.3"),
    "52": (f"{_CCD}33", f"{_PCC}4.13", f"{_PCC}4.13.4"),
    "59": (f"{_CCD}23", f"{_PCC}4.15"),
    "60": (f"{_PCC}4.15.2",),
    "62": (f"{_PCC}4.19",),
    "80": ("1.3.6.1.4.1.19376.1.3.1.6",),
    "82": (f"{_CCD}46",),
    "171": (f"{ENTRY}48", f"{_PCC}4.13"),
    "209": (f"{ENTRY}48", f"{_PCC}4.13"),
}
_COMPANIONS: Final = {f"{SECTION}{rank}": roots for rank, roots in _SECTIONS.items()} | {
    f"{ENTRY}{rank}": roots for rank, roots in _ENTRIES.items()
}

# What a coded section is there for: the model of its entries.
_CODED: Final = {
    f"{SECTION}75": f"{ENTRY}49",
    f"{SECTION}132": f"{ENTRY}39",
    f"{SECTION}134": f"{ENTRY}39",
    f"{SECTION}136": f"{ENTRY}62",
    f"{SECTION}137": f"{ENTRY}40",
    f"{SECTION}139": f"{ENTRY}59",
    f"{SECTION}141": f"{ENTRY}52",
    f"{SECTION}143": f"{ENTRY}42",
    f"{SECTION}147": f"{ENTRY}45",
}


def check_companions(document: Element, report: Report) -> None:
    body = child(document, "component", "structuredBody")
    for template in () if body is None else body.iter(f"{Q}templateId"):
        companions, holder = _COMPANIONS.get(attribute(template, "root")), template.getparent()
        if companions is None or holder is None:
            continue
        if not set(companions).issubset(template_ids(holder)):
            report.error(
                "template-companion",
                "Une déclaration de conformité qui va avec une autre manque.",
                holder,
                "templateId",
            )


def check_coded_sections(document: Element, report: Report) -> None:
    for section in document.iter(f"{Q}section"):
        for root in _CODED.keys() & template_ids(section):
            if not any(_CODED[root] in template_ids(one) for entry in children(section, "entry") for one in entry):
                report.error("section-entry", "Une section de données codées n'en contient pas.", section, "entry")
