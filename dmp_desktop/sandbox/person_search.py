"""TD0.5: find a person without an INS, for regulation doctors only (PRPA_IN201305UV02 -> 306, reference §2.1).

The reference names the answer's parts, not the algorithm: weights, the threshold and the number of answers are ours [R].
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from xml.sax.saxutils import escape

from lxml import etree

from dmp_desktop.domain.people import Patient
from dmp_desktop.sandbox import administrative, hl7, names
from dmp_desktop.sandbox.names import q
from dmp_desktop.sandbox.patients import STORIES
from dmp_desktop.sandbox.requests import Request
from dmp_desktop.sandbox.rights import Transaction
from dmp_desktop.sandbox.store import Dossier

INTERACTION = "PRPA_IN201305UV02"
ANSWER = "PRPA_IN201306UV02"
ANSWER_ACTION = f"urn:hl7-org:v3:{ANSWER}"
MATCH = "POURCENTAGE"
THRESHOLD = 60
"""Least percentage told, when the query asks for no other (`minimumDegreeMatch`)."""
MOST = 20
WEIGHTS = {"family": 40, "given": 25, "birth": 25, "sex": 5, "postal_code": 5, "city": 5}


@dataclass(frozen=True, slots=True)
class Criteria:
    """Traits asked for, empty when not; `birth` as HL7 writes it, year to day. Never shown: an identity."""

    family: str
    given: str
    birth: str
    sex: str
    postal_code: str
    city: str
    threshold: int
    most: int

    def __repr__(self) -> str:
        return "Criteria()"


def answer(request: Request) -> bytes:
    """The body of the answer, the best match first. Raises SoapFault."""
    interaction = hl7.parse(request.body)
    hl7.check_query(request, interaction, INTERACTION)
    criteria = parse(request.body)
    if not criteria.family:
        raise hl7.refuse(INTERACTION, ["livingSubjectName"])
    request.allow(Transaction.PERSON_SEARCH)
    found = []
    for story in STORIES:
        dossier = request.store.dossier(story.patient.ins)
        degree = match(criteria, story.patient)
        if dossier and degree >= criteria.threshold:
            found.append((degree, story.patient, dossier))
    found.sort(key=lambda row: (-row[0], row[1].ins.value))
    shown = found[: criteria.most]
    subjects = "".join(_subject(*row) for row in shown)
    rest = (
        f'{hl7.acknowledge(interaction)}<controlActProcess classCode="CACT" moodCode="EVN">'
        f'<code code="PRPA_TE201306UV02" codeSystem="{hl7.INTERACTIONS}"/>{subjects}'
        f"{hl7.query_ack(interaction, len(found), len(shown))}{_query(request.body)}</controlActProcess>"
    )
    return hl7.response(ANSWER, request, interaction, rest)


def parse(body: etree._Element) -> Criteria:
    """The criteria of a query. Several values of one parameter: the first with a text counts."""
    query = body.find(hl7.path("controlActProcess/queryByParameter"))
    parameters = None if query is None else query.find(q(names.HL7, "parameterList"))

    def text(steps: str) -> str:
        found = () if parameters is None else parameters.iterfind(hl7.path(steps))
        return next((word for element in found if (word := (element.text or "").strip())), "")

    def number(steps: str, default: int) -> int:
        told = hl7.attribute(query, steps, "value")
        return int(told) if told.isdecimal() and len(told) < 4 else default

    return Criteria(
        family=text("livingSubjectName/value/family"),
        given=text("livingSubjectName/value/given"),
        birth=hl7.attribute(parameters, "livingSubjectBirthTime/value", "value")[:8],
        sex=hl7.attribute(parameters, "livingSubjectAdministrativeGender/value", "code"),
        postal_code=text("patientAddress/value/postalCode"),
        city=text("patientAddress/value/city"),
        threshold=number("matchCriterionList/minimumDegreeMatch/value", THRESHOLD),
        most=min(number("initialQuantity", MOST), MOST),
    )


def match(criteria: Criteria, patient: Patient) -> int:
    """How well a person answers, in percent of what was asked."""
    address = patient.address
    found = {
        "family": max(_alike(criteria.family, name) for name in (patient.birth_family, patient.used_family or "")),
        "given": _alike(criteria.given, patient.first_given),
        "birth": float(f"{patient.birth_date:%Y%m%d}".startswith(criteria.birth)),
        "sex": float(criteria.sex == patient.sex.value),
        "postal_code": float(bool(address) and criteria.postal_code == (address.postal_code if address else "")),
        "city": _alike(criteria.city, address.city if address else ""),
    }
    asked = [name for name in WEIGHTS if getattr(criteria, name)]
    whole = sum(WEIGHTS[name] for name in asked)
    return round(100 * sum(WEIGHTS[name] * found[name] for name in asked) / whole) if whole else 0


def _alike(asked: str, name: str) -> float:
    """1 for the same letters whatever their case, accents and hyphens; less than a half of them alike count for nothing."""
    one, other = (_letters(text) for text in (asked, name))
    ratio = SequenceMatcher(None, one, other).ratio() if one and other else 0.0
    return ratio if ratio >= 0.5 else 0.0


def _letters(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text).casefold() if letter.isalnum())


def _subject(degree: int, patient: Patient, dossier: Dossier) -> str:
    """One person: the match and the opposition to regulation beside the traits."""
    opposed = hl7.observation("subjectOf2", "OPPOSITION_ACCES_URGENCE", hl7.OBSERVATIONS, dossier.opposes_emergency)
    return hl7.subject(
        f'<patient classCode="PAT">{hl7.identifiers(patient.ins)}{administrative.status(dossier)}'
        f"{hl7.person(patient, address=True)}{hl7.provider()}"
        '<subjectOf1 typeCode="SBJ"><queryMatchObservation classCode="COND" moodCode="EVN">'
        f'<code code="{MATCH}"/><value xsi:type="INT" value="{degree}"/></queryMatchObservation></subjectOf1>'
        f"{opposed}</patient>"
    )


def _query(body: etree._Element) -> str:
    """The query, sent back as it came: HL7 demands it."""
    query = body.find(hl7.path("controlActProcess/queryByParameter"))
    return "" if query is None else _copy(query)


def _copy(element: etree._Element) -> str:
    """An element with its attributes and texts, written anew: prefixes of the request mean nothing in the answer."""
    name = etree.QName(element).localname
    attributes = ""
    for key, value in element.items():
        known, written = str(key), escape(str(value), {'"': "&quot;"})
        if known == q(names.XSI, "type"):
            attributes += f' xsi:type="{written.rpartition(":")[2]}"'
        elif not known.startswith("{"):
            attributes += f' {known}="{written}"'
    inside = escape((element.text or "").strip()) + "".join(_copy(child) for child in element.iterchildren("{*}*"))
    return f"<{name}{attributes}>{inside}</{name}>"
