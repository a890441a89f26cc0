"""Rules on the body: something to read, in every section; entries that point at words that exist; a file that is one."""

from __future__ import annotations

import base64

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.media import FIRST_BYTES, PDF
from dmp_desktop.cda.media_flaws import looks_whole
from dmp_desktop.cda.read.body import unstructured_body
from dmp_desktop.cda.xml import Element, Q, attribute, child, children, local, sections, text


def check_file(document: Element, report: Report) -> None:
    """CDA N1: one file, of the type it says."""
    if child(document, "component", "nonXMLBody") is None:
        return
    element = child(document, "component", "nonXMLBody", "text")
    body = unstructured_body(document)
    if element is None or body is None:
        report.error("body", "Le document n'a pas de corps.", document, "component/nonXMLBody/text")
        return
    magics = FIRST_BYTES.get(body.mime)
    if magics is None:
        report.error("body-type", "Le format du fichier inclus n'est pas permis.", element, "@mediaType")
    elif element.get("representation") != "B64":
        report.error("body-encoding", "Le fichier inclus doit être codé en base 64.", element, "@representation")
    elif not body.content or not body.content.startswith(magics):
        report.error("body-content", "Le fichier inclus est vide ou n'est pas du format annoncé.", element)
    elif not looks_whole(body.mime, body.content):
        tell = report.warn if body.mime == PDF else report.error  # a PDF is opened when it is joined, not here
        tell("body-cut", "Le fichier inclus est incomplet ou abîmé.", element)


def check_media(document: Element, report: Report) -> None:
    """Files inside a structured body: base 64 of the type they say. Official examples have another: told, not refused."""
    for media in document.iter(f"{Q}observationMedia"):
        value = child(media, "value")
        if value is None or value.get("representation") != "B64":
            continue
        try:
            content = base64.b64decode("".join((value.text or "").split()), validate=True)
        except ValueError:
            report.error("media-encoding", "Un fichier joint n'est pas en base 64.", media, "value")
            continue
        starts = FIRST_BYTES.get(attribute(value, "mediaType"))
        if not content:
            report.error("media-empty", "Un fichier joint est vide.", media, "value")
        elif starts is not None and not content.startswith(starts):
            report.warn("media-content", "Un fichier joint n'est pas du format annoncé.", media, "value")
        elif not looks_whole(attribute(value, "mediaType"), content):
            report.warn("media-cut", "Un fichier joint est incomplet ou abîmé.", media, "value")


def check_sections(document: Element, report: Report) -> None:
    if child(document, "component", "nonXMLBody") is not None:
        return
    top = list(sections(document))
    if not top:
        report.error("body", "Le document n'a pas de corps.", document, "component")
    for section in top:
        _check_section(section, report)


def _check_section(section: Element, report: Report, depth: int = 0) -> None:
    """Refused at the top, where a reader would see a hole; told deeper, where the official examples do it too."""
    inner = [item for component in children(section, "component") for item in children(component, "section")]
    tell = report.warn if depth or inner else report.error
    if not text(child(section, "title")):
        tell("section-title", "Une section n'a pas de titre.", section, "title")
    if not attribute(child(section, "code"), "code"):
        report.error("section-code", "Une section n'a pas de code.", section, "code/@code")
    narrative = child(section, "text")
    if narrative is None:
        if not inner:
            tell("section-text", "Une section n'a pas de texte à lire.", section, "text")
    elif not text(narrative) and narrative.find(f".//{Q}renderMultiMedia") is None:
        tell("section-empty", "Le texte d'une section est vide.", section, "text")
    for item in inner:
        _check_section(item, report, depth + 1)


def anchors(document: Element) -> dict[str, Element]:
    """What entries may point at, by its ID; the first of two that share one."""
    found: dict[str, Element] = {}
    for element in document.iter(f"{Q}*"):
        name = element.get("ID")
        if name:
            found.setdefault(name, element)
    return found


def check_anchors(document: Element, report: Report) -> None:
    seen: set[str] = set()
    for element in document.iter(f"{Q}*"):
        name = element.get("ID")
        if name and name in seen:
            report.error("id-twice", "Deux éléments portent le même identifiant interne.", element, "@ID")
        if name:
            seen.add(name)


def check_references(document: Element, report: Report) -> None:
    """The narrative is the master: what an entry points at must be there, and say something."""
    targets = anchors(document)
    for element in document.iter(f"{Q}reference", f"{Q}renderMultiMedia"):
        media = local(element) == "renderMultiMedia"
        value = f"#{attribute(element, 'referencedObject')}" if media else attribute(element, "value")
        if not value.startswith("#"):
            continue
        names = value[1:].split()
        if not names or any(name not in targets for name in names):
            report.warn("reference", "Une donnée codée renvoie à un texte absent.", element)
        elif not media and not any(has_words(targets[name]) for name in names):
            report.warn("reference-empty", "Une donnée codée renvoie à un texte vide.", element)


def has_words(target: Element) -> bool:
    """Something to read: text, or a picture or page shown in its place."""
    return (
        bool(text(target)) or local(target) == "observationMedia" or target.find(f".//{Q}renderMultiMedia") is not None
    )
