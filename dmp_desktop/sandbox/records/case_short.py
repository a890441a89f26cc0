"""Short records, each for what happens around it: an attending doctor elsewhere, a secret of a minor, a lapsed authorisation."""

from __future__ import annotations

from collections.abc import Iterator

from dmp_desktop.domain.documents import Availability, Visibility
from dmp_desktop.sandbox.records import drugs, kinds
from dmp_desktop.sandbox.records.plan import Plan
from dmp_desktop.sandbox.records.scribe import PATIENT, Scribe, versions

_MASKED = frozenset({Visibility.MASQUE_PS})
_UNANNOUNCED = frozenset({Visibility.INVISIBLE_PATIENT})
_SECRET = frozenset({Visibility.INVISIBLE_REPRESENTANTS_LEGAUX})


def elsewhere(scribe: Scribe) -> list[Plan]:
    """His attending doctor has another practice, and has masked what he told him; a result waits to be told."""
    return [
        *_corrected(scribe, "colleague", "Suivi annuel", "Tabac arrêté depuis dix ans. Contrôle dans un an.", 210),
        scribe.order("colleague", scribe.day(205), scribe.line(drugs.ROSUVASTATIN, drugs.EVENING, 90, renewals=3)),
        _visit(scribe, "colleague", "Entretien", "Troubles du sommeil depuis un licenciement.", 180, _MASKED),
        scribe.paper(
            kinds.CERTIFICATE,
            "colleague",
            "Certificat médical",
            scribe.day(179),
            "Arrêt de travail de dix jours.",
            restrictions=_MASKED,
        ),
        _visit(scribe, "doctor", "Remplacement d'un confrère", "Lombalgie commune. Antalgiques.", 60),
        _visit(scribe, "doctor", "Consultation", "Demande de discrétion sur une infection guérie.", 58, _MASKED),
        scribe.paper(
            kinds.IMAGING,
            "radiologist",
            "Scanner thoracique",
            scribe.day(3),
            "Nodule du lobe supérieur droit de 14 mm, spiculé. À annoncer en consultation.",
            restrictions=_UNANNOUNCED,
        ),
        scribe.paper(kinds.BY_PATIENT, PATIENT, "Mes traitements", scribe.day(90), "Un comprimé le soir."),
        scribe.paper(
            kinds.DIRECTIVES, PATIENT, "Directives anticipées", scribe.day(400), "Ma personne de confiance est ma sœur."
        ),
        scribe.paper(
            kinds.BY_PATIENT,
            PATIENT,
            "Mes anciens traitements",
            scribe.day(900),
            "Deux comprimés le matin.",
            status=Availability.ARCHIVED,
        ),
        _archived(scribe, "radiologist", "Radiographie du poignet", 1500),
    ]


def adolescent(scribe: Scribe) -> list[Plan]:
    """What she asked her doctor to keep from her parents, among what they may read."""
    return [
        *_corrected(scribe, "doctor", "Certificat de sport relu", "Pas de contre-indication au volley-ball.", 75),
        _visit(scribe, "doctor", "Consultation", "Contraception : information et première prescription.", 4, _SECRET),
        scribe.paper(
            kinds.PRESCRIPTION,
            "doctor",
            "Ordonnance",
            scribe.day(4),
            "Contraceptif oral, un comprimé par jour, trois mois.",
            restrictions=_SECRET,
        ),
        _visit(scribe, "paediatrician", "Entretien", "Anxiété scolaire ; un soutien est proposé.", 110, _SECRET),
        scribe.paper(
            kinds.VACCINATION, "doctor", "Note de vaccination", scribe.day(300), "Papillomavirus, deuxième dose."
        ),
        scribe.paper(kinds.CERTIFICATE, "doctor", "Certificat de sport", scribe.day(75), "Volley-ball en compétition."),
        _archived(scribe, "radiologist", "Radiographie de la cheville", 800),
        _archived(scribe, "ent", "Audiogramme", 2000),
    ]


def expired(scribe: Scribe) -> list[Plan]:
    """She came once, long ago; somebody else has just written."""
    return [
        *_corrected(scribe, "doctor", "Consultation de vacances", "Piqûre de guêpe, pas d'allergie.", 760),
        scribe.order("doctor", scribe.day(760), scribe.line(drugs.PARACETAMOL, drugs.THRICE, 5)),
        _visit(scribe, "ophthalmologist", "Fond d'œil", "Pas de rétinopathie.", 3),
        _archived(scribe, "radiologist", "Mammographie", 1400),
        _archived(scribe, "ent", "Consultation ORL", 2600),
    ]


def _visit(
    scribe: Scribe, writer: str, title: str, told: str, ago: int, restrictions: frozenset[Visibility] = frozenset()
) -> Plan:
    return scribe.paper(kinds.CONSULTATION_PDF, writer, title, scribe.day(ago), told, restrictions=restrictions)


def _corrected(scribe: Scribe, writer: str, title: str, told: str, ago: int) -> Iterator[Plan]:
    """A visit written twice, the second time after any weekend."""
    first = _visit(scribe, writer, title, "Texte incomplet.", ago)
    return versions(first, _visit(scribe, writer, title, told, ago - 3))


def _archived(scribe: Scribe, writer: str, title: str, ago: int) -> Plan:
    kind = kinds.IMAGING if writer == "radiologist" else kinds.CONSULTATION_PDF
    day = scribe.day(ago)
    return scribe.paper(kind, writer, title, day, "Sans particularité.", status=Availability.ARCHIVED)
