"""Rules on the body: something to read, in every section; entries that point at words that exist; a file that is one."""

from __future__ import annotations

from dmp_desktop.cda.check.findings import Report
from dmp_desktop.cda.media import FIRST_BYTES
from dmp_desktop.cda.read.body import unstructured_body
from dmp_desktop.cda.xml import Element, Q, attribute, child, children, sections, text


def check_body(document: Element, report: Report) -> None:
    if child(document, "component", "nonXMLBody") is not None:
        _check_file(document, report)
        return
    top = list(sections(document))
    if not top:
        report.error("body", "Le document n'a pas de corps.", document, "component")
    for section in top:
        _check_section(section, report)
    _check_references(document, report)


def _check_file(document: Element, report: Report) -> None:
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


def _check_section(section: Element, report: Report, depth: int = 0) -> None:
    """Refused at the top, where a reader would see a hole; told deeper, where the official examples do it too."""
    inner = [item for component in children(section, "component") for item in children(component, "section")]
    tell = report.warn if depth or inner else report.error
    if not text(child(section, "title")):
        tell("section-title", "Une section n'a pas de titre.", section, "title")
    narrative = child(section, "text")
    if narrative is None:
        if not inner:
            tell("section-text", "Une section n'a pas de texte à lire.", section, "text")
    elif not text(narrative) and narrative.find(f".//{Q}renderMultiMedia") is None:
        tell("section-empty", "Le texte d'une section est vide.", section, "text")
    for item in inner:
        _check_section(item, report, depth + 1)


def _check_references(document: Element, report: Report) -> None:
    seen: set[str] = set()
    for element in document.iter():
        name = element.get("ID") if isinstance(element.tag, str) else None
        if name and name in seen:
            report.error("id-twice", "Deux éléments portent le même identifiant interne.", element, "@ID")
        if name:
            seen.add(name)
    for element in document.iter(f"{Q}reference", f"{Q}renderMultiMedia"):
        target = (
            attribute(element, "value")
            if element.tag == f"{Q}reference"
            else f"#{attribute(element, 'referencedObject')}"
        )
        if target.startswith("#") and any(name not in seen for name in target[1:].split()):
            report.warn("reference", "Une donnée codée renvoie à un texte absent.", element)
