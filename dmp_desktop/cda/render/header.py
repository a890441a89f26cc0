"""The header: a summary that every reader sees, and on demand everything it says (who, whom, what act, versions, identifiers)."""

from __future__ import annotations

from html import escape

from dmp_desktop.cda.read.header import DocumentPatient, document_identifiers, entry_from_document, read_patient
from dmp_desktop.cda.read.values import legal_time
from dmp_desktop.cda.render.people import contacts, identifiers, party, patient_names, when
from dmp_desktop.cda.xml import Element, attribute, child, children, text
from dmp_desktop.domain.ins import NATURES

_SEXES = {"F": "Féminin", "M": "Masculin", "UN": "Sexe inconnu"}
_BORN = {"F": "née", "M": "né"}
_RELATIONS = {"RPLC": "Document remplacé", "APND": "Document complété", "XFRM": "Document d'origine"}


def summary(document: Element) -> str:
    """Title, patient, authors, dates."""
    entry = entry_from_document(document, b"")  # its size and hash are not shown
    made = entry.creation_time.astimezone(legal_time())
    lines = [_patient_line(read_patient(document))]
    for author in entry.authors:
        details = [author.specialty.display if author.specialty else "", author.institution]
        lines.append(" — ".join(escape(part) for part in (author.display_name, *details) if part))
    dates = [f"Document du {made:%d/%m/%Y à %H:%M}"] if attribute(child(document, "effectiveTime"), "value") else []
    if entry.service_start:
        dates.append(f"acte du {entry.service_start.astimezone(legal_time()):%d/%m/%Y}")
    if entry.replaces:
        dates.append(f"version {entry.version}, remplace un document précédent")
    lines.append(", ".join(dates))
    metas = "".join(f'<p class="meta">{line}</p>' for line in lines if line)
    return f"<h1>{escape(entry.title)}</h1>{metas}"


def details(document: Element) -> str:
    """All of the header, one block a participation."""
    blocks = [_block("Patient", [_patient(target)]) for target in children(document, "recordTarget")]
    for title, name, entity in (
        ("Auteur", "author", "assignedAuthor"),
        ("Saisie", "dataEnterer", "assignedEntity"),
        ("Informateur", "informant", ""),
        ("Conservé par", "custodian", "assignedCustodian"),
        ("Destinataire", "informationRecipient", "intendedRecipient"),
        ("Responsable du document", "legalAuthenticator", "assignedEntity"),
        ("Validé par", "authenticator", "assignedEntity"),
        ("Participant", "participant", "associatedEntity"),
    ):
        blocks += [_participation(title, element, entity) for element in children(document, name)]
    blocks += [_block("Prescription d'origine", [_order(item)]) for item in children(document, "inFulfillmentOf")]
    blocks += [_act(item) for item in children(document, "documentationOf")]
    blocks += [_encounter(item) for item in children(document, "componentOf")]
    blocks += [_block("Consentement", [_coded(child(item, "consent"))]) for item in children(document, "authorization")]
    for item in children(document, "relatedDocument"):
        parent = child(item, "parentDocument")
        blocks.append(_block(_RELATIONS.get(attribute(item, "typeCode"), "Document lié"), [[identifiers(parent)]]))
    blocks.append(_block("Document", [_document(document)]))
    return "".join(blocks)


def _patient_line(patient: DocumentPatient) -> str:
    name = f"<b>{escape(patient.birth_family)}</b> {escape(patient.first_given or patient.birth_given)}"
    name = f"Nom et prénom de naissance : {name}" if patient.birth_family else name
    used = " ".join(part for part in (patient.used_family, patient.used_given) if part)
    parts = [name, f"nom utilisé {escape(used)}" if used else "", escape(_SEXES.get(patient.sex, ""))]
    if patient.birth_date:
        place = patient.birth_place or patient.birth_place_cog
        born = f"{_BORN.get(patient.sex, 'né(e)')} le {patient.birth_date:%d/%m/%Y}"
        parts.append(born + (f" à {escape(place)}" if place else ""))
    if patient.ins:
        nature = NATURES.get(patient.ins.oid)
        parts.append(f"INS {escape(patient.ins.value)}" + (f" ({nature})" if nature else ""))
    return ", ".join(part for part in parts if part)


def _patient(target: Element) -> list[str]:
    role = child(target, "patientRole")
    patient = child(role, "patient")
    lines = patient_names(patient)
    born = when(child(patient, "birthTime"))
    place = " ".join(contacts(child(patient, "birthplace", "place")))
    if born or place:
        lines.append("Naissance : " + " ".join(part for part in (born, place) if part))
    lines += [*contacts(role), identifiers(role)]
    for guardian in children(patient, "guardian"):
        lines.append("Représentant : " + ", ".join(party(guardian)))
    lines.append(text(child(role, "providerOrganization", "name")))
    return lines


def _participation(title: str, element: Element, entity: str) -> str:
    """Who took part, in which function, when. An informant may be a professional or a relative."""
    who = child(element, entity) if entity else None
    for name in () if entity else ("assignedEntity", "relatedEntity"):
        who = who if who is not None else child(element, name)
    function = attribute(child(element, "functionCode"), "displayName")
    moment = when(child(element, "time"))
    return _block(f"{title} ({function})" if function else title, [[*party(who), moment]])


def _order(item: Element) -> list[str]:
    order = child(item, "order")
    return [*_coded(order), identifiers(order)]


def _act(item: Element) -> str:
    event = child(item, "serviceEvent")
    groups = [[*_coded(event), when(child(event, "effectiveTime")), identifiers(event)]]
    groups += [
        ["Exécutant :", *party(child(performer, "assignedEntity"))] for performer in children(event, "performer")
    ]
    return _block("Acte", groups)


def _encounter(item: Element) -> str:
    encounter = child(item, "encompassingEncounter")
    facility = child(encounter, "location", "healthCareFacility")
    groups = [
        [*_coded(encounter), when(child(encounter, "effectiveTime")), identifiers(encounter)],
        [
            *_coded(facility),
            text(child(facility, "location", "name")),
            text(child(facility, "serviceProviderOrganization", "name")),
        ],
    ]
    people = [child(encounter, "responsibleParty"), *children(encounter, "encounterParticipant")]
    groups += [party(child(person, "assignedEntity")) for person in people if person is not None]
    return _block("Prise en charge", groups)


def _document(document: Element) -> list[str]:
    names = document_identifiers(document)
    code, confidentiality = child(document, "code"), child(document, "confidentialityCode")
    labelled = (
        ("Type", attribute(code, "displayName") or attribute(code, "code")),
        ("Identifiant", names.unique_id),
        ("Lot de versions", names.set_id),
        ("Version", attribute(child(document, "versionNumber"), "value")),
        ("Créé", when(child(document, "effectiveTime"))),
        ("Confidentialité", attribute(confidentiality, "displayName") or attribute(confidentiality, "code")),
        ("Langue", attribute(child(document, "languageCode"), "code")),
    )
    return [f"{label} : {value}" for label, value in labelled if value]


def _coded(element: Element | None) -> list[str]:
    code = child(element, "code")
    return [attribute(code, "displayName") or text(child(code, "originalText")) or attribute(code, "code")]


def _block(title: str, groups: list[list[str]]) -> str:
    """A heading and one paragraph a group; '' when there is nothing to say."""
    written = ["<br>".join(escape(line) for line in lines if line) for lines in groups]
    paragraphs = "".join(f"<p>{html}</p>" for html in written if html)
    return f"<h3>{escape(title)}</h3>{paragraphs}" if paragraphs else ""
