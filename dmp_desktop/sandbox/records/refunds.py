"""History of reimbursements (CNAM-HR 2021.01), fed by the Assurance Maladie."""

from __future__ import annotations

from xml.sax.saxutils import escape

from dmp_desktop.sandbox.records.facts import RefundLine, Refunds
from dmp_desktop.sandbox.records.header import author, write
from dmp_desktop.sandbox.records.markup import (
    HL7_ACT,
    LOINC,
    OBSERVATION,
    body,
    coded,
    french,
    identifier,
    original,
    paragraphs,
    said,
    section,
    status,
    table,
    templates,
    words,
    ymd,
)
from dmp_desktop.sandbox.records.plan import Plan

_CCD, _FR = "2.16.840.1.113883.10.20.1.", "1.2.250.1.213.1.1.2."
_CLASSES = ("1.2.250.1.215.200.1.2.1", "EphMRA")
_SUBSTANCES = "1.2.250.1.215.200.1.3.1"
_PRODUCTS = ("1.2.250.1.215.200.1.1.1", "CIP ou UCD")
_ATC = ("1.2.250.1.215.200.1.2.2", "ATC")
_ACTS = ("1.2.250.1.215.200.3.3", "NGAP")
_NOTICE = (
    "Ces données sont le reflet des remboursements de l'Assurance Maladie sur la période indiquée ; elles ne disent pas "
    "si le traitement a été pris."
)
_HEADS = ("Date de délivrance", "Libellé", "Classe", "Prescrit par", "Délivré par")
_LISTS = (
    ("67803-7", "Liste des actes", "Soins médicaux et dentaires"),
    ("18726-0", "Radiologie", "Radiologie"),
    ("26436-6", "Biologie", "Biologie"),
)


def document(plan: Plan) -> bytes:
    """CDA of Refunds."""
    told, key = plan.told(Refunds), plan.unique_id
    drugs = section(
        ("10160-0", "Médication administrée"),
        (f"{_CCD}8", "1.3.6.1.4.1.19376.1.5.3.1.3.19", f"{_FR}143"),
        "Médicaments",
        _table(told.drugs, "r"),
        "".join(_drug(line, f"r{rank}", key) for rank, line in enumerate(told.drugs)),
        key=key,
    )
    vaccines = section(
        ("11369-6", "Historique des vaccinations"),
        (f"{_CCD}6", "1.3.6.1.4.1.19376.1.5.3.1.3.23", f"{_FR}147"),
        "Vaccinations",
        _table(told.vaccines, "v"),
        "".join(_vaccine(line, f"v{rank}", key) for rank, line in enumerate(told.vaccines)),
        key=key,
    )
    devices = section(
        ("46264-8", "Dispositifs médicaux"),
        ("2.16.840.1.11383.10.20.1.7", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.5", f"{_FR}1"),
        "Dispositifs médicaux",
        paragraphs("Aucun remboursement sur la période."),
        key=key,
    )
    stays = section(
        ("46240-8", "Historique des rencontres"),
        (f"{_CCD}3", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.3", f"{_FR}76"),
        "Hospitalisations",
        table(("Période du séjour", "Lieu du séjour"), [_stay_row(told, rank) for rank in range(len(told.stays))]),
        "".join(_stay(told, rank, key) for rank in range(len(told.stays))),
        key=key,
    )
    acts = "".join(_acts(told, code, label, title, key) for code, label, title in _LISTS)
    usage = section(
        ("55112-7", "Commentaire sur le document"),
        ("2.16.840.1.113883.10.12.201", "1.3.6.1.4.1.19376.1.4.1.2.16", f"{_FR}73"),
        "Usage et Responsabilités",
        paragraphs(_NOTICE),
        key=key,
    )
    return write(plan, ("1.2.250.1.213.1.1.1.36^2021.01",), body(usage, drugs, vaccines, devices, stays, acts))


def _acts(told: Refunds, code: str, label: str, title: str, key: str) -> str:
    return section(
        ("29554-3", "Actes"),
        ("1.3.6.1.4.1.19376.1.5.3.1.1.13.2.11", f"{_FR}118"),
        title,
        _visits(told, code),
        "".join(_visit(told, rank, key) for rank, one in enumerate(told.visits) if one[0] == code),
        key=key,
        inner=coded("translation", code, label, LOINC),
    )


def _doctor(line: RefundLine) -> str:
    return f"Dr {line.prescriber.given} {line.prescriber.family}"


def _table(lines: tuple[RefundLine, ...], stem: str) -> str:
    rows = [
        (
            french(line.day),
            said(f"{stem}{rank}", line.drug.name),
            line.drug.substance,
            _doctor(line),
            escape(line.pharmacy.structure),
        )
        for rank, line in enumerate(lines)
    ]
    return table(_HEADS, rows)


def _handed(line: RefundLine, anchor: str, key: str) -> str:
    """FR-Prescription of a delivery: who handed it over, who asked for it."""
    return (
        '<entryRelationship typeCode="REFR" inversionInd="false"><supply classCode="SPLY" moodCode="EVN">'
        f"{templates(f'{_CCD}34', '1.3.6.1.4.1.19376.1.5.3.1.4.7.3', '1.2.250.1.213.1.1.3.44')}"
        f'{identifier(key, anchor, "delivrance")}<quantity value="1"/><performer typeCode="PRF">'
        f'<time value="{ymd(line.day)}"/><assignedEntity><id nullFlavor="UNK"/><representedOrganization>'
        f"<name>{escape(line.pharmacy.structure)}</name></representedOrganization></assignedEntity></performer>"
        f"{author(line.prescriber, ymd(line.day))}</supply></entryRelationship>"
    )


def _material(line: RefundLine, anchor: str, named: str) -> str:
    own = (f"{_CCD}53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2", "1.2.250.1.213.1.1.3.43")
    return (
        f"<manufacturedProduct>{templates(*own)}<manufacturedMaterial><code>{original(anchor)}{named}</code>"
        f"<name>{escape(line.drug.name)}</name></manufacturedMaterial></manufacturedProduct>"
    )


def _drug(line: RefundLine, anchor: str, key: str) -> str:
    drug = line.drug
    box = coded("translation", drug.cip, drug.name, _PRODUCTS) if drug.cip else ""
    named = (
        f"{box}{coded('translation', drug.atc[:3], drug.substance, _CLASSES)}<translation><translation "
        f'displayName="{drug.substance.upper()}" codeSystem="{_SUBSTANCES}"/></translation>'
    )
    own = (f"{_CCD}24", "1.3.6.1.4.1.19376.1.5.3.1.4.7", "1.2.250.1.213.1.1.3.42", "1.3.6.1.4.1.19376.1.5.3.1.4.7.1")
    whole = (OBSERVATION, "1.2.250.1.213.1.1.3.48")
    return (
        f'<entry><substanceAdministration classCode="SBADM" moodCode="EVN">{templates(*own)}{identifier(key, anchor)}'
        f'{words(anchor)}{status()}<effectiveTime xsi:type="IVL_TS"><low nullFlavor="UNK"/><high nullFlavor="UNK"/>'
        f'</effectiveTime><effectiveTime operator="A"/><consumable>{_material(line, anchor, named)}</consumable>'
        f'{_handed(line, anchor, key)}<entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN">'
        f"{templates(*whole)}{identifier(key, anchor, 'deconditionne')}"
        f"{coded('code', 'MED-559', 'Déconditionné', ('1.2.250.1.213.1.1.4.322', 'TA_ASIP'))}{words(anchor)}{status()}"
        '<effectiveTime nullFlavor="UNK"/><value xsi:type="BL" value="false"/></observation></entryRelationship>'
        "</substanceAdministration></entry>"
    )


def _vaccine(line: RefundLine, anchor: str, key: str) -> str:
    named = coded("translation", line.drug.atc, line.drug.substance, _ATC)
    own = (f"{_CCD}24", "1.3.6.1.4.1.19376.1.5.3.1.4.12", "1.2.250.1.213.1.1.3.45")
    return (
        f'<entry><substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="false">{templates(*own)}'
        f"{identifier(key, anchor)}{coded('code', 'IMMUNIZ', 'Vaccination sans autres précisions', HL7_ACT)}{words(anchor)}"
        f'{status()}<effectiveTime nullFlavor="UNK"/><consumable typeCode="CSM">{_material(line, anchor, named)}</consumable>'
        f"{_handed(line, anchor, key)}</substanceAdministration></entry>"
    )


def _stay_row(told: Refunds, rank: int) -> tuple[str, str]:
    entered, left, structure = told.stays[rank]
    return said(f"h{rank}", f"du {french(entered)} au {french(left)}"), escape(structure)


def _stay(told: Refunds, rank: int, key: str) -> str:
    entered, left, structure = told.stays[rank]
    own = (f"{_CCD}21", "1.3.6.1.4.1.19376.1.5.3.1.4.14", "1.2.250.1.213.1.1.3.58")
    return (
        f'<entry><encounter classCode="ENC" moodCode="EVN">{templates(*own)}{identifier(key, f"h{rank}")}'
        f"{coded('code', 'IMP', 'Hospitalisation (établissement, y compris HAD)', HL7_ACT)}{words(f'h{rank}')}"
        f'<effectiveTime><low value="{ymd(entered)}"/><high value="{ymd(left)}"/></effectiveTime>'
        '<performer typeCode="PRF"><assignedEntity><id nullFlavor="UNK"/><representedOrganization>'
        f"<name>{escape(structure)}</name></representedOrganization></assignedEntity></performer></encounter></entry>"
    )


def _visits(told: Refunds, kind: str) -> str:
    rows = [
        (french(day), code, said(f"a{rank}", label), f"Dr {who.given} {who.family}", escape(who.structure))
        for rank, (which, day, code, label, who) in enumerate(told.visits)
        if which == kind
    ]
    return table(("Date de l'acte", "Code de l'acte", "Libellé de l'acte", "Réalisé par", "Établissement"), rows)


def _visit(told: Refunds, rank: int, key: str) -> str:
    _, day, code, label, who = told.visits[rank]
    own = (f"{_CCD}29", "1.3.6.1.4.1.19376.1.5.3.1.4.19", "1.2.250.1.213.1.1.3.62")
    return (
        f'<entry><procedure classCode="PROC" moodCode="EVN">{templates(*own)}{identifier(key, f"a{rank}")}'
        f'{coded("code", code, label, _ACTS)}{words(f"a{rank}")}{status()}<effectiveTime value="{ymd(day)}"/>'
        f'<performer><assignedEntity classCode="ASSIGNED"><id root="{who.root}" extension="{who.national_id}"/>'
        "</assignedEntity></performer></procedure></entry>"
    )
