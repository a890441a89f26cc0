"""TD1.1 to TD1.5: transactions the DMP has ended or is ending, for a sandbox started with `Tolerances.ended_transactions` only.

Without the switch their actions are unknown, as at the real server [R]. With it: a record is created, reactivated, changed or
closed, and the patient's web account opened, as far as the reference (§2.1) tells the messages; all the rest is [R].
"""

from __future__ import annotations

from dataclasses import replace
from xml.sax.saxutils import escape

from dmp_desktop.sandbox import hl7, names
from dmp_desktop.sandbox.faults import SoapFault
from dmp_desktop.sandbox.patients import STORIES, story_named
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Transaction
from dmp_desktop.sandbox.store import Dossier

CREATE, REVISE = "PRPA_IN201311UV02", "PRPA_IN201314UV02"
CONSENT = "CONSENTEMENT_OUVERTURE_DMP"
CLOSING = "FERMETURE_DEMANDE_PATIENT"
REVISIONS = {
    "REAC": Transaction.REACTIVATE,
    "MODIF_DATA": Transaction.CHANGE_ADMINISTRATIVE,
    "FERM": Transaction.CLOSE,
}
ACCOUNT = "createPatientAccess"
ACTION_ACCOUNT = f"{names.PATIENTS}:PatientSpecificEndPoint:{ACCOUNT}"


def create(request: Request) -> bytes:
    """TD1.1: 312 once the record exists, 313 with `DMPFound` when it did already, both in the wrapper of the DMP."""
    interaction = _read(request, CREATE, frozenset({"CREA_RD"}))
    request.allow(Transaction.CREATE)
    if not _codes(request) & {CONSENT}:
        raise hl7.refuse(CREATE, [CONSENT])
    ins = request.patient
    story = next((story for story in STORIES if story.patient.ins.value == ins.value), None)
    if story is None:
        raise SoapFault("DMPNotFound", "Ce patient est inconnu du bac à sable")
    with request.store.transaction():
        known = request.store.dossier(ins)
        if known is None:
            oppositions = story.opposes_break_glass, story.opposes_emergency
            request.store.put_dossier(Dossier(ins.value, ins.oid, story.name, False, *oppositions))
    if known:
        return _wrapped(_answer(request, interaction, "PRPA_IN201313UV02", "DMPFound", "Le DMP existe déjà"))
    return _wrapped(_answer(request, interaction, "PRPA_IN201312UV02"))


def revise(request: Request) -> bytes:
    """TD1.2, TD1.3b and TD1.4 by their reason: 315, or 316 with the DMP's code."""
    interaction = _read(request, REVISE, frozenset(REVISIONS))
    reason = interaction.reason[0]
    request.allow(REVISIONS[reason])
    dossier = request.store.dossier(request.patient)
    if dossier is None:
        raise SoapFault("DMPNotFound", "Aucun DMP n'existe pour ce patient")
    if reason != "REAC" and dossier.closed:
        return _answer(request, interaction, "PRPA_IN201316UV02", "DMPClosed", "Le DMP du patient est fermé")
    if reason == "REAC" and not dossier.closed:
        return _answer(request, interaction, "PRPA_IN201316UV02", "DMPFound", "Le DMP du patient est déjà ouvert")
    if reason != "REAC" and story_named(dossier.story).attached_to_mes:
        refusal = "Le DMP est rattaché à Mon espace santé"
        return _answer(request, interaction, "PRPA_IN201316UV02", "DMPAccessDeniedByRightsService", refusal)
    if reason == "FERM" and not _codes(request) & {CLOSING}:
        raise hl7.refuse(REVISE, [CLOSING])
    if reason != "MODIF_DATA":
        request.store.put_dossier(replace(dossier, closed=reason == "FERM"))
    return _answer(request, interaction, "PRPA_IN201315UV02")


def open_account(request: Request) -> bytes:
    """TD1.5a: the patient's web account. The request's own parts are not known: they are not looked at."""
    request.allow(Transaction.PATIENT_ACCESS)
    dossier = request.open_dossier()
    if request.store.fact(dossier.ins, "internet_account", story_named(dossier.story).internet_account):
        raise SoapFault("DMPPatientAccessAlreadyExists", "Le patient a déjà un accès")
    request.store.put_fact(dossier.ins, "internet_account", True)
    return (
        f'<{ACCOUNT}Response xmlns="{names.PATIENTS}"><output><status>DMPOk</status>'
        f"<context>Accès créé</context></output></{ACCOUNT}Response>"
    ).encode()


def _read(request: Request, name: str, reasons: frozenset[str]) -> hl7.Interaction:
    """The header of the message, whose patient must be that of the VIHF. Raises SoapFault."""
    interaction = hl7.parse(request.body)
    hl7.check_header(request, interaction, name, reasons)
    told = {
        (found.get("root"), found.get("extension"))
        for patient in request.body.iter(names.q(names.HL7, "patient"))
        for found in patient.findall(names.q(names.HL7, "id"))
    }
    if (request.patient.oid, request.patient.value) not in told:
        raise SoapFault("DMPPatientIdDoesNotMatch", "Le patient du message n'est pas celui du VIHF")
    return interaction


def _codes(request: Request) -> set[str]:
    return {element.get("code", "") for element in request.body.iter(names.q(names.HL7, "code"))}


def _answer(request: Request, interaction: hl7.Interaction, name: str, code: str = "", text: str = "") -> bytes:
    rest = hl7.acknowledge(interaction, "AE" if code else "AA", escape(code), text)
    return hl7.response(name, request, interaction, f'{rest}<controlActProcess classCode="CACT" moodCode="EVN"/>')


def _wrapped(message: bytes) -> bytes:
    return f'<response xmlns="{names.GDP}">'.encode() + message + b"</response>"
